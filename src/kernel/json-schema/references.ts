import type { JsonFault } from '../json-fault.ts';
import { formatPath, type PathStep } from '../json-path.ts';
import type { Schema, SchemaObject } from './rules.ts';

/** A schema with an address of its own, and how many steps of a path lead to it. */
export type Resource = { readonly uri: string; readonly steps: number };

type Reference = { readonly from: SchemaObject; readonly resource: Resource; readonly path: readonly PathStep[] };

/** What the root is called by when it does not say. */
export const ROOT: Resource = { uri: 'https://schema.invalid/', steps: 0 };

/**
 * The addresses in one document: what `$id`, `$anchor` and places make of its subschemas, and what each `$ref` means
 * (JSON Schema 2020-12, core, 8.2). Nothing is fetched.
 */
export class References {
  /** What the `$ref` of a schema points at. */
  readonly targets = new Map<SchemaObject, Schema>();
  private readonly byUri = new Map<string, Schema>();
  private readonly references: Reference[] = [];

  /** The resource that a schema with `$id` begins, or why it cannot. */
  open(id: string, resources: readonly Resource[], path: readonly PathStep[]): Resource | JsonFault {
    const uri = resolve(id, (resources.at(-1) as Resource).uri);
    if (uri === undefined) return fault([...path, '$id'], 'must be a URI');
    if (this.byUri.has(`${uri}#`)) return fault([...path, '$id'], 'is the address of another schema, too');
    return { uri, steps: path.length };
  }

  /** Notes where a schema stands. A place counts from each resource that it is in. */
  add(schema: Schema, resources: readonly Resource[], path: readonly PathStep[]): JsonFault | null {
    for (const { uri, steps } of resources) this.byUri.set(uri + pointer(path.slice(steps)), schema);
    if (typeof schema === 'boolean') return null;
    const resource = resources.at(-1) as Resource;
    if (typeof schema.$anchor === 'string') {
      const address = `${resource.uri}#${schema.$anchor}`;
      if (this.byUri.has(address)) return fault([...path, '$anchor'], 'is the name of another schema, too');
      this.byUri.set(address, schema);
    }
    if (typeof schema.$ref === 'string') this.references.push({ from: schema, resource, path });
    return null;
  }

  /** Finds what every reference points at. */
  resolve(): JsonFault | null {
    for (const { from, resource, path } of this.references) {
      const text = from.$ref as string;
      const hash = text.indexOf('#');
      const uri = resolve(hash === -1 ? text : text.slice(0, hash), resource.uri);
      const isKnown = uri !== undefined && this.byUri.has(`${uri}#`);
      if (!isKnown) return fault([...path, '$ref'], 'only local references ("#/…") are supported');
      const target = this.byUri.get(`${uri}#${hash === -1 ? '' : decoded(text.slice(hash + 1))}`);
      if (target === undefined) return fault([...path, '$ref'], 'points at no subschema of this schema');
      this.targets.set(from, target);
    }
    return null;
  }
}

/** A URI without its fragment; undefined when it is none. */
function resolve(text: string, base: string): string | undefined {
  if (text === '') return base;
  const url = URL.parse(text, base);
  if (url === null) return undefined;
  url.hash = '';
  return url.href;
}

const fault = (path: readonly PathStep[], reason: string): JsonFault => ({ path: formatPath(path), reason });

const escapeToken = (step: PathStep): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer (RFC 6901) of a path, as the fragment of a reference. */
const pointer = (path: readonly PathStep[]): string => `#${path.map((step) => `/${escapeToken(step)}`).join('')}`;

/** A fragment with percent escapes undone, so that it compares with {@link pointer}. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
