import manifest from '../../../../package.json' with { type: 'json' };
import { secretsIn } from '../../../kernel/secret-reference.ts';
import { type HttpHandlerConfig, placesOf } from './config.ts';
import { leavesItsPlace, PLACEHOLDER } from './path.ts';

/** Longest path and query that is sent; common servers stop at 8 KiB. */
export const MAX_PATH_LENGTH = 8192;

/** What a connector adds to every request. */
export type Prefix = {
  /** The path of the base URL without a trailing slash. */
  readonly path: string;
  /** Parameters of the query, encoded but for the secrets they name, and what they are called. */
  readonly query: string;
  readonly names: readonly string[];
};

/** What a handler config comes to, worked out once. */
export type HttpPlan = {
  readonly method: HttpHandlerConfig['method'];
  /** Literal parts and argument names in turn, starting and ending with a literal. */
  readonly path: readonly string[];
  readonly query: 'arguments' | readonly string[];
  readonly hasBody: boolean;
  /** Names and values in turn; all of them but the idempotency key. */
  readonly headers: readonly string[];
  /** The names of those that a connector cannot set. */
  readonly ownHeaders: ReadonlySet<string>;
  /** The secrets that its path and headers name. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
};

/** The part of a request that the arguments decide. */
export type HttpTarget = { readonly ok: true; readonly path: string; readonly body: Uint8Array | string | null };

/** Arguments that cannot be put into this request; `detail` is safe to show. */
export type UnfitArguments = { readonly ok: false; readonly detail: string };

/** Works out a validated handler config. */
export function planRequest(config: HttpHandlerConfig): HttpPlan {
  const { query, hasBody } = placesOf(config);
  return {
    method: config.method,
    path: config.path.split(PLACEHOLDER),
    query,
    hasBody,
    headers: headersOf(config, hasBody),
    ownHeaders: new Set(Object.keys(config.headers ?? {}).map((name) => name.toLowerCase())),
    secrets: secretsIn(JSON.stringify([config.path, config.headers])),
    timeoutMs: config.timeout_ms,
  };
}

function headersOf(config: HttpHandlerConfig, hasBody: boolean): string[] {
  const defaults = { accept: 'application/json, */*;q=0.5', ...(hasBody && { 'content-type': 'application/json' }) };
  const configured = Object.entries(config.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const fixed = { 'user-agent': `countersign/${manifest.version}`, 'accept-encoding': 'identity' };
  const all: Record<string, string> = { ...defaults, ...Object.fromEntries(configured), ...fixed };
  return Object.entries(all).flat();
}

/**
 * Puts the arguments into a plan's path, query and body, behind what the connector adds. When path and query take no argument, the body is `canonical`, byte for byte.
 */
export function targetOf(
  plan: HttpPlan,
  prefix: Prefix,
  args: Readonly<Record<string, unknown>>,
  canonical: Uint8Array,
): HttpTarget | UnfitArguments {
  if (plan.path.length === 1 && plan.query.length === 0 && plan.hasBody) {
    return { ok: true, path: whole(prefix, plan.path[0]!, ''), body: canonical };
  }
  const rest = { ...args };
  try {
    const path = fillPath(plan.path, args, rest);
    const target = whole(prefix, path, takeQuery(plan.query, rest, prefix.names));
    if (target.length > MAX_PATH_LENGTH)
      throw new Unfit(`The arguments make a URL longer than ${MAX_PATH_LENGTH} bytes.`);
    if (!plan.hasBody) {
      // What was approved is what is sent: an argument with no place must not fall away unseen.
      const [homeless] = Object.keys(rest);
      if (homeless !== undefined) throw new Unfit(`The request has no place for the argument "${nameOf(homeless)}".`);
      return { ok: true, path: target, body: null };
    }
    const untouched = Object.keys(rest).length === Object.keys(args).length;
    return { ok: true, path: target, body: untouched ? canonical : JSON.stringify(rest) };
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, detail: error.message };
    // encodeURIComponent: half of a surrogate pair has no UTF-8 form.
    if (error instanceof URIError) return { ok: false, detail: 'An argument holds text that cannot be encoded.' };
    throw error;
  }
}

class Unfit extends Error {}

function whole(prefix: Prefix, path: string, query: string): string {
  const pairs = prefix.query === '' || query === '' ? prefix.query + query : `${prefix.query}&${query}`;
  return prefix.path + path + (pairs === '' ? '' : `?${pairs}`);
}

/** A name that the caller chose, short enough for a sentence. */
function nameOf(argument: string): string {
  return argument.length > 64 ? `${argument.slice(0, 64)}…` : argument;
}

function fillPath(
  parts: readonly string[],
  args: Readonly<Record<string, unknown>>,
  rest: Record<string, unknown>,
): string {
  if (parts.length === 1) return parts[0]!;
  let path = '';
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) {
      path += part;
      continue;
    }
    const value = Object.hasOwn(args, part) ? scalarText(args[part]) : null;
    if (value === null || value === '') {
      throw new Unfit(`The path needs the argument "${part}": a non-empty text, a number or a boolean.`);
    }
    path += encodeURIComponent(value);
    delete rest[part];
  }
  if (leavesItsPlace(path))
    throw new Unfit('An argument would change the path: dot segments and control characters are refused.');
  return path;
}

function takeQuery(names: HttpPlan['query'], rest: Record<string, unknown>, taken: readonly string[]): string {
  const pairs: string[] = [];
  for (const name of names === 'arguments' ? Object.keys(rest) : names) {
    if (!Object.hasOwn(rest, name)) continue;
    // Whoever reads one of two parameters of a name would choose which.
    if (taken.includes(name)) throw new Unfit(`The argument "${nameOf(name)}" is set by the connector.`);
    const value = rest[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      const text = item === null ? '' : (scalarText(item) ?? JSON.stringify(item));
      pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
    }
    delete rest[name];
  }
  return pairs.join('&');
}

function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
