import manifest from '../../../../package.json' with { type: 'json' };
import { secretsIn } from '../../../kernel/secret-reference.ts';
import { type Body, bodyOf } from './body.ts';
import { type HttpHandlerConfig, placesOf, takesTheRest } from './config.ts';
import { headerValue } from './headers.ts';
import { pairsOf, pathText } from './pairs.ts';
import { leavesItsPlace, PLACEHOLDER } from './path.ts';
import type { BodyPlace, HeaderPlace, QueryPlace } from './placement.ts';
import { argumentsOf, type Parts } from './template.ts';
import { nameOf, Unfit } from './unfit.ts';

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
  readonly query: 'arguments' | readonly QueryPlace[];
  readonly headerPlaces: readonly HeaderPlace[];
  readonly body: BodyPlace | null;
  /** The arguments that the body's template takes. */
  readonly inTemplate: readonly string[];
  /** Names and values in turn; all of them but the idempotency key and those that are arguments. */
  readonly headers: readonly string[];
  /** The names of those that a connector cannot set. */
  readonly ownHeaders: ReadonlySet<string>;
  /** The secrets that its path, headers and body name. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly isIdempotent: boolean;
};

/** The part of a request that the arguments decide. */
export type HttpTarget = {
  readonly ok: true;
  readonly path: string;
  /** Names and values in turn, if any: arguments, and the type of a body that is known only with them. */
  readonly headers?: readonly string[];
  readonly body: Uint8Array | string | Parts | null;
};

/** Arguments that cannot be put into this request; `detail` is safe to show. */
export type UnfitArguments = { readonly ok: false; readonly detail: string };

/** Works out a validated handler config. */
export function planRequest(config: HttpHandlerConfig): HttpPlan {
  const { query, body } = placesOf(config);
  return {
    method: config.method,
    path: config.path.split(PLACEHOLDER),
    query,
    headerPlaces: config.header_arguments ?? [],
    body,
    inTemplate: body?.template === undefined ? [] : argumentsOf(body.template).all,
    headers: headersOf(config, body),
    ownHeaders: new Set(Object.keys(config.headers ?? {}).map((name) => name.toLowerCase())),
    secrets: secretsIn(JSON.stringify([config.path, config.headers, body?.template])),
    timeoutMs: config.timeout_ms,
    isIdempotent: config.idempotent ?? false,
  };
}

const TYPES: Readonly<Record<BodyPlace['as'], string | undefined>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  // Known with its boundary.
  multipart: undefined,
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
};

function headersOf(config: HttpHandlerConfig, body: BodyPlace | null): string[] {
  const type = body === null ? undefined : (body.content_type ?? TYPES[body.as]);
  const defaults = { accept: 'application/json, */*;q=0.5', ...(type !== undefined && { 'content-type': type }) };
  const configured = Object.entries(config.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const fixed = { 'user-agent': `countersign/${manifest.version}`, 'accept-encoding': 'identity' };
  const all: Record<string, string> = { ...defaults, ...Object.fromEntries(configured), ...fixed };
  return Object.entries(all).flat();
}

/**
 * Puts the arguments into a plan's path, query, headers and body, behind what the connector adds. When all of them are the
 * members of a JSON body, that is `canonical`, byte for byte.
 */
export function targetOf(
  plan: HttpPlan,
  prefix: Prefix,
  args: Readonly<Record<string, unknown>>,
  canonical: Uint8Array,
): HttpTarget | UnfitArguments {
  const isPlain = plan.body !== null && plan.body.as === 'json' && takesTheRest(plan.body) && !plan.body.fields;
  if (plan.path.length === 1 && plan.query.length === 0 && plan.headerPlaces.length === 0 && isPlain) {
    const none = plan.body!.optional && Object.keys(args).length === 0;
    return { ok: true, path: whole(prefix, plan.path[0]!, ''), body: none ? null : canonical };
  }
  const rest = { ...args };
  try {
    const path = fillPath(plan.path, args, rest);
    for (const name of plan.inTemplate) delete rest[name];
    const added = takeHeaders(plan.headerPlaces, rest);
    const target = whole(prefix, path, takeQuery(plan.query, rest, prefix.names, plan.body?.argument));
    if (target.length > MAX_PATH_LENGTH)
      throw new Unfit(`The arguments make a URL longer than ${MAX_PATH_LENGTH} bytes.`);
    const untouched = isPlain && Object.keys(rest).length === Object.keys(args).length;
    const body =
      untouched && !plan.body!.optional
        ? takeAll(rest, canonical)
        : plan.body === null
          ? NO_BODY
          : bodyOf(plan.body, args, rest);
    // What was approved is what is sent: an argument with no place must not fall away unseen.
    const [homeless] = Object.keys(rest);
    if (homeless !== undefined) throw new Unfit(`The request has no place for the argument "${nameOf(homeless)}".`);
    if (body.type !== undefined) added.push('content-type', body.type);
    return { ok: true, path: target, ...(added.length > 0 && { headers: added }), body: body.bytes };
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, detail: error.message };
    // encodeURIComponent: half of a surrogate pair has no UTF-8 form.
    if (error instanceof URIError) return { ok: false, detail: 'An argument holds text that cannot be encoded.' };
    throw error;
  }
}

const NO_BODY: Body = { bytes: null };

/** All that is left is the body, and it is all there was. */
function takeAll(rest: Record<string, unknown>, canonical: Uint8Array): Body {
  for (const name of Object.keys(rest)) delete rest[name];
  return { bytes: canonical };
}

function whole(prefix: Prefix, path: string, query: string): string {
  const pairs = prefix.query === '' || query === '' ? prefix.query + query : `${prefix.query}&${query}`;
  return prefix.path + path + (pairs === '' ? '' : `?${pairs}`);
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
    path += pathText(part, Object.hasOwn(args, part) ? args[part] : null);
    delete rest[part];
  }
  if (leavesItsPlace(path))
    throw new Unfit('An argument would change the path: dot segments and control characters are refused.');
  return path;
}

function takeQuery(
  places: HttpPlan['query'],
  rest: Record<string, unknown>,
  taken: readonly string[],
  ofBody: string | undefined,
): string {
  const all = places === 'arguments' ? Object.keys(rest).filter((name) => name !== ofBody) : places;
  const pairs: string[] = [];
  for (const place of all) {
    const { argument, name = argument, ...spelling } = typeof place === 'string' ? { argument: place } : place;
    if (!Object.hasOwn(rest, argument)) continue;
    const own = pairsOf(name, rest[argument], spelling);
    // Whoever reads one of two parameters of a name would choose which. What an object spells out has names of its own.
    const names = [name, ...own.map((pair) => decodeURIComponent(pair.split('=', 1)[0]!))];
    if (names.some((each) => taken.includes(each)))
      throw new Unfit(`The argument "${nameOf(argument)}" is set by the connector.`);
    pairs.push(...own);
    delete rest[argument];
  }
  return pairs.join('&');
}

function takeHeaders(places: readonly HeaderPlace[], rest: Record<string, unknown>): string[] {
  const headers: string[] = [];
  for (const { argument, name } of places) {
    if (!Object.hasOwn(rest, argument)) continue;
    headers.push(name.toLowerCase(), headerValue(argument, rest[argument]));
    delete rest[argument];
  }
  return headers;
}
