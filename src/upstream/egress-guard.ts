import { isIP } from 'node:net';
import { type AddressClass, classifyAddress } from './address-class.ts';

/** Why a destination may not be reached. */
export type BlockReason =
  | Exclude<AddressClass, 'public'>
  | 'url'
  | 'scheme'
  | 'userinfo'
  | 'host'
  | 'local_name'
  | 'port';

/** A blocked destination; `detail` is one sentence that is safe to show to a caller. */
export type EgressBlock = { readonly ok: false; readonly reason: BlockReason; readonly detail: string };

/** A destination in canonical form. `hostname` keeps the brackets of an IPv6 literal, as in `URL`. */
export type Destination = {
  readonly ok: true;
  readonly origin: string;
  readonly hostname: string;
  readonly port: number;
  /** Path, query and fragment exactly as written (may be empty). */
  readonly rest: string;
};

const DETAIL: Readonly<Record<BlockReason, string>> = {
  url: 'it is not a plain absolute URL of printable ASCII',
  scheme: 'only http and https are allowed',
  userinfo: 'a URL may not hold a user name or password',
  host: 'the host must be written in its canonical form (no octal, hexadecimal or short addresses, escapes, zone or trailing dot)',
  local_name: 'the host name belongs to a local network',
  port: 'the port belongs to a protocol other than HTTP',
  malformed: 'the address is malformed',
  loopback: 'the destination is a loopback address',
  private: 'the destination is a private address',
  shared: 'the destination is a carrier-grade NAT address',
  unique_local: 'the destination is a unique local address',
  link_local: 'the destination is a link-local address',
  multicast: 'the destination is a multicast address',
  broadcast: 'the destination is a broadcast address',
  unspecified: 'the destination is the unspecified address',
  reserved: 'the destination is a reserved address',
  transition: 'the destination is an IPv6 transition address',
  metadata: 'the destination is a cloud metadata address',
};

// What an exception may lift. Metadata, link-local and the rest stay shut: no service lives there that an
// agent's tool has a reason to call.
const LIFTABLE: ReadonlySet<AddressClass> = new Set(['loopback', 'private', 'shared', 'unique_local']);

const LOCAL_SUFFIX = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/;
const LABELS = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

// Ports of well-known servers that would take an HTTP request for commands of their own.
const NON_HTTP_PORTS: ReadonlySet<number> = new Set([
  0, 7, 9, 13, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 110, 111, 113, 119, 123, 135, 137, 138, 139, 143, 161,
  179, 389, 427, 445, 465, 512, 513, 514, 515, 548, 554, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521, 1719,
  1720, 1723, 2049, 2181, 3306, 3389, 3659, 4190, 5060, 5061, 5432, 5672, 5900, 6000, 6379, 6566, 6667, 6697, 9042,
  9092, 11211, 27017,
]);

function block(reason: BlockReason): EgressBlock {
  return { ok: false, reason, detail: `The egress guard refused the destination: ${DETAIL[reason]}.` };
}

/**
 * Reads an absolute http(s) URL strictly. It refuses every spelling that `URL` would quietly rewrite
 * (`http://2130706433/`, `http://0x7f.1/`, full-width digits, `%6c`, `\`, a trailing dot), because a reader
 * of the configuration would not see where it leads. It does not judge where the destination is.
 */
export function readUrl(text: string): Destination | EgressBlock {
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) return block('url');
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(text);
  if (match === null) return block('url');
  const [, scheme = '', authority = '', rest = ''] = match;
  if (!/^https?$/i.test(scheme)) return block('scheme');
  if (authority.includes('@')) return block('userinfo');
  const written = /^(\[[^\]]*\]|[^:]*)(?::([1-9]\d{0,4}))?$/.exec(authority);
  if (written === null || !URL.canParse(text)) return block('host');
  const url = new URL(text);
  const hostname = url.hostname;
  if (written[1]?.toLowerCase() !== hostname) return block('host');
  if (!isLiteral(hostname) && (hostname.length > 253 || !LABELS.test(hostname))) return block('host');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { ok: true, origin: url.origin, hostname, port, rest };
}

/** Where a destination is, as secrets are bound to it: the port goes without saying where it is https on 443. */
export function hostOf({ origin, hostname, port }: Pick<Destination, 'origin' | 'hostname' | 'port'>): string {
  return origin.startsWith('https:') && port === 443 ? hostname : `${hostname}:${port}`;
}

/**
 * Decides about a canonical host and port before any lookup: IP literals by their class, names by the
 * name. A name that passes must still have every resolved address pass {@link checkAddress}.
 * `excepted`: the operator lets this caller reach this host and port.
 */
export function checkHost(hostname: string, port: number, excepted: boolean): EgressBlock | null {
  if (isLiteral(hostname)) {
    const blocked = checkAddress(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname, excepted);
    if (blocked !== null) return blocked;
  } else if (!excepted && (!hostname.includes('.') || LOCAL_SUFFIX.test(hostname))) {
    return block('local_name');
  }
  return !excepted && NON_HTTP_PORTS.has(port) ? block('port') : null;
}

/** Decides about one resolved or literal address; `excepted` as in {@link checkHost}. */
export function checkAddress(address: string, excepted: boolean): EgressBlock | null {
  const kind = classifyAddress(address);
  if (kind === 'public' || (excepted && LIFTABLE.has(kind))) return null;
  return block(kind);
}

function isLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0;
}
