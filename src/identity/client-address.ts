import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** The reverse proxies whose word about addresses is taken. */
export type TrustedProxies = readonly Range[];

/**
 * Reads `COUNTERSIGN_TRUSTED_PROXIES`: addresses and CIDR ranges, separated by commas. A range that holds everybody is
 * refused: then anybody could say who they are.
 */
export function parseTrustedProxies(
  text: string,
): { readonly ok: true; readonly proxies: TrustedProxies } | { readonly ok: false; readonly message: string } {
  const proxies: Range[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const range = rangeOf(entry);
    if (range === null) return { ok: false, message: `${entry} is no address or range such as 10.0.0.5 or 10.0.0.0/8` };
    if (range[1] === 0) return { ok: false, message: `${entry} is everybody; name your proxies` };
    proxies.push(range);
  }
  return { ok: true, proxies };
}

function rangeOf(entry: string): Range | null {
  try {
    if (entry.includes('/')) return ipaddr.parseCIDR(entry);
    const address = readAddress(entry);
    return address && [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return null;
  }
}

/** What is known of where a request comes from. */
export type Origin = {
  /** The client's address, without brackets, port or zone; IPv4 in IPv6 as IPv4. Empty when the client is gone. */
  readonly ip: string;
  /** Whether the client speaks TLS to the outermost proxy. */
  readonly https: boolean;
};

/**
 * Where a request comes from: the one place that says so. Without trusted proxies it is the connection's other end, and
 * headers are not looked at. Where that end is a trusted proxy, `X-Forwarded-For` (or `Forwarded`, RFC 7239) is read
 * from right to left, as far as each address is a trusted proxy's; the first that is not is the client's. What is not an
 * address ends the reading: the client is then the proxy that passed it on. Where a request carries both headers and
 * they differ, the proxy wrote one and the client the other, and neither is believed.
 */
export function originOf(incoming: IncomingMessage, trusted: TrustedProxies): Origin {
  const peer = incoming.socket.remoteAddress ?? '';
  if (trusted.length === 0) return { ip: peer.startsWith('::ffff:') ? plain(peer) : peer, https: false };
  const near = readAddress(peer);
  if (near === null || !isTrusted(near, trusted)) return { ip: plain(peer), https: false };
  const { forwarded, 'x-forwarded-for': chain, 'x-forwarded-proto': proto } = incoming.headers;
  const claims = [
    ...(chain === undefined ? [] : [clientIn(listOf(chain), nodeOf, near, trusted)]),
    ...(forwarded === undefined ? [] : [clientIn(listOf(forwarded), forOf, near, trusted)]),
  ].map(String);
  const ip = new Set(claims).size === 1 ? claims[0]! : near.toString();
  const scheme = proto === undefined ? protoOf(forwarded) : listOf(proto).at(-1);
  return { ip, https: scheme?.toLowerCase() === 'https' };
}

function clientIn(
  elements: string[],
  read: (element: string) => Address | null,
  near: Address,
  trusted: TrustedProxies,
): Address {
  let client = near;
  for (const element of elements.reverse()) {
    const node = read(element);
    if (node === null) return client;
    client = node;
    if (!isTrusted(node, trusted)) return client;
  }
  return client;
}

function isTrusted(address: Address, trusted: TrustedProxies): boolean {
  return trusted.some(([range, bits]) => range.kind() === address.kind() && address.match([range, bits] as never));
}

/** The elements of a list header, which Node has joined when it came on several lines. */
function listOf(header: string | string[]): string[] {
  return String(header)
    .split(',')
    .map((part) => part.trim());
}

/** The `for` of one element of `Forwarded`; null for a name, `unknown` and an element without one. */
function forOf(element: string): Address | null {
  const [, quoted, bare] = /(?:^|;)\s*for=(?:"([^"\\]*)"|([^;"\s]*))\s*(?:;|$)/i.exec(element) ?? [];
  return nodeOf(quoted ?? bare ?? '');
}

function protoOf(forwarded: string | undefined): string | undefined {
  const last = forwarded === undefined ? undefined : listOf(forwarded).at(-1);
  return last && /(?:^|;)\s*proto="?([a-z]+)"?\s*(?:;|$)/i.exec(last)?.[1];
}

/** An address as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`. */
function nodeOf(text: string): Address | null {
  const [, inBrackets] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? [];
  if (inBrackets !== undefined) return inBrackets.includes(':') ? readAddress(inBrackets) : null;
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return readAddress(withPort ?? text);
}

/** IPv4 in four parts, or IPv6 without its zone; IPv4 in IPv6 is IPv4. */
function readAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return null;
  return ipaddr.process(bare);
}

function plain(peer: string): string {
  return readAddress(peer)?.toString() ?? peer;
}
