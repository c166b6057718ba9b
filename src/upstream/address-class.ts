import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What an IP address is good for, as far as calling out is concerned. Only `public` may be called without
 * an operator's exception.
 */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'unique_local'
  | 'link_local'
  | 'multicast'
  | 'broadcast'
  | 'unspecified'
  | 'reserved'
  | 'transition'
  | 'metadata'
  | 'malformed';

// Instance metadata and platform endpoints of the large clouds. Most are link-local already; the ones that
// are not (100.100.100.200, 168.63.129.16, the unique-local IPv6 ones) are why the list exists.
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.42.42',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
]);

const IPV4_CLASS: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  carrierGradeNat: 'shared',
  linkLocal: 'link_local',
  multicast: 'multicast',
  broadcast: 'broadcast',
  unspecified: 'unspecified',
};

const IPV6_CLASS: Readonly<Record<string, AddressClass>> = {
  loopback: 'loopback',
  uniqueLocal: 'unique_local',
  linkLocal: 'link_local',
  multicast: 'multicast',
  unspecified: 'unspecified',
  '6to4': 'transition',
  teredo: 'transition',
  rfc6145: 'transition',
};

/**
 * Classifies one IP address in its standard text form (dotted decimal, or RFC 4291 for IPv6, no brackets).
 * Anything else, including shortened or octal IPv4 and scoped IPv6 (`%eth0`), is `malformed`.
 *
 * IPv6 is decided by default-deny: outside 2000::/3 (the only allocated global unicast space) and the
 * special blocks inside it (RFC 6890 registry), nothing is public. Addresses that carry an IPv4 address
 * which a network in between unwraps (mapped, NAT64, ISATAP) are judged by that IPv4 address; 6to4, Teredo,
 * IPv4-compatible, RFC 2765 translated and local NAT64 addresses are never public.
 */
export function classifyAddress(address: string): AddressClass {
  const version = isIP(address);
  if (version === 4) return classifyIPv4(ipaddr.IPv4.parse(address));
  if (version === 6 && !address.includes('%')) return classifyIPv6(ipaddr.IPv6.parse(withoutDots(address)));
  return 'malformed';
}

// ipaddr.js reads `::8.8.8.8` as `::ffff:8.8.8.8`, which is another address; in hexadecimal it cannot.
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
}

function classifyIPv4(address: ipaddr.IPv4): AddressClass {
  if (METADATA.has(address.toString())) return 'metadata';
  return IPV4_CLASS[address.range()] ?? 'reserved';
}

function classifyIPv6(address: ipaddr.IPv6): AddressClass {
  if (METADATA.has(address.toRFC5952String())) return 'metadata';
  const range: string = address.range();
  if (range === 'ipv4Mapped') return classifyIPv4(embeddedIPv4(address));
  const parts = address.parts;
  if (range === 'rfc6052') return parts[2] === 0 ? classifyIPv4(embeddedIPv4(address)) : 'transition';
  const known = IPV6_CLASS[range];
  if (known !== undefined) return known;
  if (parts.slice(0, 6).every((part) => part === 0)) return 'transition';
  if (range !== 'unicast' || (parts[0]! & 0xe000) !== 0x2000) return 'reserved';
  // ISATAP (RFC 5214): the interface identifier is 0:5efe or 200:5efe and an IPv4 address.
  if (parts[5] === 0x5efe && (parts[4]! & ~0x200) === 0) return classifyIPv4(embeddedIPv4(address));
  return 'public';
}

function embeddedIPv4({ parts }: ipaddr.IPv6): ipaddr.IPv4 {
  const high = parts[6]!;
  const low = parts[7]!;
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
