import type { Dispatcher } from 'undici';
import { isExcepted } from './egress-exceptions.ts';
import { checkHost, type Destination, readUrl } from './egress-guard.ts';
import { decodeContent } from './exchange/content-decoding.ts';
import { deliver } from './exchange/deliver.ts';
import { type Refused, refused, type Unanswered } from './outcome.ts';
import type { Ways } from './ways.ts';

/** One request that is no call of a tool: an OAuth server's token, an OpenAPI document, a webhook's delivery. */
export type Asked = {
  /** Whose request it is: the egress guard's exceptions are a workspace's own. */
  readonly tenantId: string;
  /** An absolute http(s) URL, read strictly; a fragment is left out. */
  readonly url: string;
  readonly method?: string;
  /** Sent as they are written, beside `accept-encoding: identity` and a body's `content-length`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | null;
  /** Most bytes read of the answer, and most bytes it may decompress to. */
  readonly maxBytes: number;
  /** From now to the last byte of the answer, name lookup and connecting included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** A complete answer, whatever its status. Redirects are answers like any other: nobody follows them. */
export type Fetched = {
  readonly kind: 'answer';
  readonly status: number;
  /** By lower-case name; several of one name are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** False where the body is longer than `maxBytes`, or is encoded in a way that cannot be undone: then it is empty. */
  readonly complete: boolean;
};

/**
 * Sends one request through the egress guard and reads its answer. Never rejects. Without an answer it says whether
 * anything was sent: `refused` by the guard and `failed` are certain that nothing was, `unknown` is not.
 */
export async function fetchGuarded(ways: Ways, asked: Asked): Promise<Fetched | Unanswered> {
  const way = wayTo(ways, asked.tenantId, asked.url);
  if ('kind' in way) return way;
  const { dispatcher, destination } = way;
  const { method = 'GET', headers = {}, body = null, maxBytes, timeoutMs, signal } = asked;
  const request = {
    origin: destination.origin,
    path: pathOf(destination),
    method: method as Dispatcher.HttpMethod,
    headers: Object.entries({ 'accept-encoding': 'identity', ...headers }).flat(),
    body,
  };
  try {
    const end = await deliver(dispatcher, request, { timeoutMs, maxBodyBytes: maxBytes }, signal);
    if (end.kind !== 'answer') return end;
    const read = { kind: 'answer', status: end.status, headers: joined(end.headers) } as const;
    const encoding = (read.headers['content-encoding'] ?? '').trim().toLowerCase();
    if (encoding === '' || encoding === 'identity' || end.body.length === 0) {
      return { ...read, body: end.body, complete: !end.truncated };
    }
    const decoded = await decodeContent(encoding, end.body, maxBytes, end.truncated);
    return decoded === null
      ? { ...read, body: Buffer.alloc(0), complete: false }
      : { ...read, body: decoded.bytes, complete: !decoded.truncated };
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return { kind: 'unknown', reason: `The request broke off inside the gateway (${name}).` };
  }
}

/**
 * The way by which a workspace may reach a URL, or why it may not. What is sent by the dispatcher must go to this origin,
 * and follow no redirect.
 */
export function wayTo(
  { guarded, excepted, exceptions }: Ways,
  tenantId: string,
  url: string,
): { readonly dispatcher: Dispatcher; readonly destination: Destination } | Refused {
  const destination = readUrl(url);
  if (!destination.ok) return refused('egress_blocked', destination.detail);
  const { hostname, port } = destination;
  const isLifted = isExcepted(exceptions, tenantId, hostname, port);
  const blocked = checkHost(hostname, port, isLifted);
  if (blocked !== null) return refused('egress_blocked', blocked.detail);
  return { dispatcher: isLifted ? excepted : guarded, destination };
}

function pathOf({ rest }: Destination): string {
  const path = rest.replace(/#.*$/, '');
  return path.startsWith('/') ? path : `/${path}`;
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const one = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return Object.fromEntries(one.filter(([, value]) => value !== undefined));
}
