import { type Definition, definitionOf, LISTS, type Listing, type ListName } from './definitions.ts';
import { isObject } from './messages.ts';
import type { Peer, PeerReply } from './peer.ts';

const PAGES_MAX = 100;
const ITEMS_MAX = 2_000;
const CHARS_MAX = 8 * 1024 * 1024;

/** A whole list, how many items of it cannot be used, or why there is none. */
export type Listed =
  | { readonly ok: true; readonly items: Listing; readonly unusable: number }
  | { readonly ok: false; readonly because: string; readonly reply?: PeerReply };

/** Reads all pages of a list, within bounds on pages, items, bytes and time. A cursor that comes again ends it. What
 * `isClean` does not let through is not kept. */
export async function listAll(
  peer: Peer,
  list: ListName,
  timeoutMs: number,
  isClean?: (text: string) => Promise<boolean>,
): Promise<Listed> {
  const { method, member, key, needs } = LISTS[list];
  const items = new Map<string, Definition>();
  if (!peer.server.offers[needs]) return { ok: true, items, unusable: 0 };
  const until = performance.now() + timeoutMs;
  const cursors = new Set<string>();
  let unusable = 0;
  let chars = 0;
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    if (page > PAGES_MAX) return no(`Its list of ${list} has more than ${PAGES_MAX} pages.`);
    const left = until - performance.now();
    if (left <= 0) return no(`Its list of ${list} did not end in time.`);
    const params: Record<string, string> = cursor === undefined ? {} : { cursor: JSON.stringify(cursor) };
    const reply = await peer.ask(method, params, { timeoutMs: left });
    // What has prompts or resources need not have templates.
    if (reply.kind === 'error' && reply.error.code === -32601 && list === 'templates')
      return { ok: true, items, unusable };
    if (reply.kind !== 'result') return { ok: false, because: `Its list of ${list} could not be read.`, reply };
    chars += reply.result.length;
    if (chars > CHARS_MAX) return no(`Its list of ${list} is longer than ${CHARS_MAX} characters.`);
    const { value } = reply;
    const found = isObject(value) ? value[member] : undefined;
    if (!isObject(value) || !Array.isArray(found)) return no(`Its list of ${list} cannot be read.`);
    for (const item of found) {
      const definition = definitionOf(list, item);
      if (definition === undefined || !((await isClean?.(JSON.stringify(definition.value))) ?? true)) {
        unusable += 1;
        continue;
      }
      const name = definition.value[key] as string;
      if (items.has(name)) return no(`Its list of ${list} has ${JSON.stringify(name.slice(0, 80))} twice.`);
      items.set(name, definition);
    }
    if (items.size + unusable > ITEMS_MAX) return no(`It has more than ${ITEMS_MAX} ${list}.`);
    const next = value.nextCursor;
    if (next === undefined || next === null) return { ok: true, items, unusable };
    if (typeof next !== 'string' || next.length > 4_096)
      return no(`Its list of ${list} goes on with what is no cursor.`);
    if (cursors.has(next)) return no(`Its list of ${list} repeats a cursor, so that it would never end.`);
    cursors.add(next);
    cursor = next;
  }
}

function no(because: string): Listed {
  return { ok: false, because };
}
