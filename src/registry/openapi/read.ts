import { createHash } from 'node:crypto';
import { upgrade } from '@scalar/openapi-upgrader';
import type { About, Draft, ReadDocument, RefusedOperation, Sources } from './drafts.ts';
import { namesOf, prefixOf } from './names.ts';
import { draftOf, type Operation, securityOf } from './operation.ts';
import { isObject, type Json, parseDocument } from './parse.ts';
import { References } from './references.ts';
import { plain } from './schema.ts';
import { schemesOf } from './security.ts';
import { serverOf, serversOf } from './servers.ts';

const VERBS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** Most operations of one document; the largest public ones have some thousand. */
export const OPERATIONS_MAX = 5_000;

/**
 * Makes tools of the operations of an OpenAPI document: 3.0 and 3.1 as they are, Swagger 2 as 3. Takes seconds for a large
 * one: see `in-worker.ts`. `each` is given every draft as it is made.
 */
export function readDocument(
  { main, url, others, prefix: given }: Sources,
  each: (draft: Draft) => void = () => {},
): ReadDocument {
  const parsed = parseDocument(main);
  if (typeof parsed === 'string') return { kind: 'unreadable', reason: parsed };
  const written = writtenAs(parsed);
  if (written === null) {
    return {
      kind: 'unreadable',
      reason: 'The document does not say that it is Swagger 2.0, OpenAPI 3.0 or OpenAPI 3.1.',
    };
  }
  const more = new Map<string, Json>();
  for (const [address, bytes] of others) {
    const other = parseDocument(bytes);
    if (typeof other === 'string') return { kind: 'unreadable', reason: `${address}: ${other}` };
    more.set(address, other);
  }
  const document = upgraded(parsed);
  const references = new References(document, url, more);
  const info = isObject(document.info) ? document.info : {};
  const title = plain(typeof info.title === 'string' ? info.title : 'API', 80) || 'API';
  const prefix = given ?? prefixOf(title);
  const servers = serversOf(document, url);
  const refused: RefusedOperation[] = [];
  const operations = operationsOf(document, references, servers[0] ?? null, refused);
  if (operations.length > OPERATIONS_MAX) {
    return { kind: 'unreadable', reason: `The document has more than ${OPERATIONS_MAX} operations.` };
  }
  const names = namesOf(
    operations.map(({ operation, value }) => ({
      operation,
      id: typeof value.operationId === 'string' ? value.operationId : null,
    })),
    prefix,
  );
  const drafts: Draft[] = [];
  for (const operation of operations) {
    const made = draftOf(operation, references, names.get(operation.operation)!);
    if ('reason' in made) refused.push(made);
    else {
      drafts.push(made);
      if (references.needed.size === 0) each(made);
    }
  }
  if (references.needed.size > 0) return { kind: 'needs', urls: [...references.needed] };
  if (drafts.length === 0 && refused.length === 0)
    return { kind: 'unreadable', reason: 'The document has no operations.' };
  const about: About = {
    title,
    version: plain(String(info.version ?? ''), 40),
    written,
    sha256: hashOf(main, others),
    servers,
    schemes: schemesOf(document, references, prefix, servers[0] ?? null),
  };
  return { kind: 'read', about, drafts, refused };
}

function writtenAs({ swagger, openapi }: Json): string | null {
  if (swagger !== undefined) return /^2\.0/.test(String(swagger)) || swagger === 2 ? 'Swagger 2.0' : null;
  const version = /^3\.[0-2](?:\.\d+)?/.exec(String(openapi));
  return version === null ? null : `OpenAPI ${version[0]}`;
}

/** The document as OpenAPI 3; what the upgrade leaves of 3.0 is read as such. */
function upgraded(document: Json): Json {
  return document.swagger === undefined ? document : (upgrade(document, '3.0') as unknown as Json);
}

function hashOf(main: Uint8Array, others: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256').update(main);
  for (const [address, bytes] of [...others].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(address).update(bytes);
  return hash.digest('hex');
}

function operationsOf(
  document: Json,
  references: References,
  server: string | null,
  refused: RefusedOperation[],
): Operation[] {
  const found: Operation[] = [];
  for (const [path, value] of Object.entries(isObject(document.paths) ? document.paths : {})) {
    if (!path.startsWith('/')) continue;
    const resolved = references.follow({ value, document: '' });
    if (!resolved.ok) {
      refused.push({ operation: `ANY ${path.slice(0, 1000)}`, reason: resolved.reason });
      continue;
    }
    const item = resolved.place.value;
    if (!isObject(item)) continue;
    for (const verb of VERBS) {
      const each = item[verb];
      if (!isObject(each)) continue;
      const method = verb.toUpperCase();
      const operation = `${method} ${path}`;
      const elsewhere = elsewhereThan(server, each.servers ?? item.servers);
      if (operation.length > 1000)
        refused.push({ operation: operation.slice(0, 1000), reason: 'its path is too long' });
      else if (elsewhere !== null)
        refused.push({
          operation,
          reason: `it is at another server, ${elsewhere}: import it through a connector of its own`,
        });
      else {
        found.push({
          operation,
          method,
          path,
          value: each,
          document: resolved.place.document,
          shared: Array.isArray(item.parameters) ? item.parameters : [],
          security: securityOf(each.security ?? document.security),
        });
      }
    }
  }
  return found;
}

/** The server of its own that an operation has, or null where it is the document's. */
function elsewhereThan(server: string | null, own: unknown): string | null {
  if (!Array.isArray(own) || own.length === 0) return null;
  const urls = own.map((each) => serverOf(each, server));
  return urls.includes(server) ? null : plain(String(urls[0] ?? 'an unreadable one'), 200);
}
