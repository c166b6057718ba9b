import { createHash } from 'node:crypto';

const NAME_MAX = 64;
const HASH_LENGTH = 8;

/** A word of a tool's name: lower case, with `_` between what was told apart otherwise. */
function word(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

const FILLERS = /^(?:api|apis|rest|the|v\d+|\d+|openapi|swagger|specification|spec|public|official|)$/;

/** What the names of an API's tools begin with, made of its title. */
export function prefixOf(title: string): string {
  const words = word(title.toLowerCase().replace(/['’]s\b/g, ''))
    .split('_')
    .filter((each) => !FILLERS.test(each));
  const prefix = words.slice(0, 2).join('_').slice(0, 20).replace(/_+$/, '');
  return /^[a-z]/.test(prefix) ? prefix : 'api';
}

/**
 * The names of a document's operations: of their operation ids, or else of method and path. They follow from the operation
 * alone, so that an import tomorrow, or of more operations, gives the same ones: what would be too long, or the same as
 * another, ends in a hash of the operation.
 */
export function namesOf(
  operations: readonly { readonly operation: string; readonly id: string | null }[],
  prefix: string,
): ReadonlyMap<string, string> {
  const plain = operations.map(({ operation, id }) => ({
    operation,
    name: `${prefix}.${spelled(operation, id, prefix)}`,
  }));
  const counts = new Map<string, number>();
  for (const { name } of plain) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    plain.map(({ operation, name }) => [
      operation,
      name.length > NAME_MAX || counts.get(name)! > 1 ? hashed(name, operation) : name,
    ]),
  );
}

function spelled(operation: string, id: string | null, prefix: string): string {
  const [method = '', path = ''] = operation.split(' ');
  const ofId = (id ?? '')
    .split(/[/.:]/)
    .map(word)
    .filter((each) => each !== '');
  if (ofId.length > 1 && ofId[0] === prefix) ofId.shift();
  if (ofId.length > 0) return ofId.join('.');
  return [
    ...path
      .split('/')
      .map(word)
      .filter((each) => each !== ''),
    method.toLowerCase(),
  ].join('_');
}

function hashed(name: string, operation: string): string {
  const hash = createHash('sha256').update(operation).digest('hex').slice(0, HASH_LENGTH);
  const kept = name.slice(0, NAME_MAX - HASH_LENGTH - 1).replace(/[._]+$/, '');
  return `${kept}_${hash}`;
}

/** The name of a secret for a security scheme. */
export function secretName(prefix: string, scheme: string): string {
  const name = `${prefix}_${word(scheme)}`
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .slice(0, 64);
  return /^[A-Z]/.test(name) ? name : 'API_KEY';
}

/** Names for arguments that stand side by side: each of letters, digits, `_` and `-`, at most 64, and there once. */
export class ArgumentNames {
  readonly #taken = new Set<string>();

  /** The name for what the API calls `name`, where it stands in `place`. */
  take(name: string, place: string): string {
    const readable = name
      .replaceAll('<', '_lt')
      .replaceAll('>', '_gt')
      .replace(/[^A-Za-z0-9_-]+/g, '_');
    const plain = readable.replace(/^_+|_+$/g, '').slice(0, 60) || 'value';
    // As the API has it, where that can be.
    const own = /^[A-Za-z0-9_-]{1,60}$/.test(name) && name !== '__proto__' ? name : plain;
    for (const candidate of [own, `${own.slice(0, 50)}_${place}`]) if (this.#add(candidate)) return candidate;
    for (let count = 2; ; count += 1) {
      const candidate = `${own.slice(0, 50)}_${count}`;
      if (this.#add(candidate)) return candidate;
    }
  }

  #add(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }
}
