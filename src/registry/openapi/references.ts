import { isObject, type Json } from './parse.ts';

/** A value in a document, and the document that it is in: the address of another one, or '' for the one that is read. */
export type Place = { readonly value: unknown; readonly document: string };

/** What a reference leads to. `id` is the same for the same place. */
export type Resolved =
  | { readonly ok: true; readonly place: Place; readonly id: string }
  | { readonly ok: false; readonly reason: string };

/** Follows the references of a document, into others only where they are of the same origin. */
export class References {
  /** Addresses of documents that were referred to and are not here. */
  readonly needed = new Set<string>();
  readonly #main: Json;
  readonly #url: string | null;
  readonly #others: ReadonlyMap<string, Json>;

  constructor(main: Json, url: string | null, others: ReadonlyMap<string, Json>) {
    this.#main = main;
    this.#url = url;
    this.#others = others;
  }

  resolve(reference: unknown, from: string): Resolved {
    if (typeof reference !== 'string' || reference.length > 2048)
      return { ok: false, reason: 'a reference is no text' };
    const [file = '', pointer = ''] = reference.split('#', 2);
    const document = file === '' ? from : this.#addressOf(file, from);
    if (typeof document !== 'string') return document;
    const root = document === '' ? this.#main : this.#others.get(document);
    if (root === undefined) {
      this.needed.add(document);
      return { ok: false, reason: `${shown(reference)} could not be read` };
    }
    const value = at(root, pointer);
    if (value === undefined) return { ok: false, reason: `${shown(reference)} leads nowhere` };
    return { ok: true, place: { value, document }, id: `${document}#${pointer}` };
  }

  /** The value behind however many references, but not those inside of it. */
  follow(place: Place): Resolved {
    let now = place;
    let id = '';
    for (let steps = 0; isObject(now.value) && '$ref' in now.value; steps += 1) {
      if (steps === 32) return { ok: false, reason: `${shown(String(now.value.$ref))} leads back to itself` };
      const resolved = this.resolve(now.value.$ref, now.document);
      if (!resolved.ok) return resolved;
      now = resolved.place;
      id = resolved.id;
    }
    return { ok: true, place: now, id };
  }

  #addressOf(file: string, from: string): string | Extract<Resolved, { ok: false }> {
    const base = from === '' ? this.#url : from;
    if (base === null) {
      return { ok: false, reason: `it refers to another file, ${shown(file)}: import the document by its URL` };
    }
    const url = URL.parse(file, base);
    if (url === null || url.origin !== new URL(base).origin) {
      return { ok: false, reason: `it refers to ${shown(file)}, which is of another origin than the document` };
    }
    url.hash = '';
    return url.href === this.#url ? '' : url.href;
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 120));
}

/** The value that a JSON pointer names (RFC 6901), in a URL's fragment. */
function at(root: Json, pointer: string): unknown {
  if (pointer === '') return root;
  if (!pointer.startsWith('/')) return undefined;
  let value: unknown = root;
  for (const step of pointer.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Json)[key];
  }
  return value;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
