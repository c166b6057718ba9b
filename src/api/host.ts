import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Problem, problem } from '../kernel/codes.ts';
import type { Settings } from '../settings.ts';

/**
 * Refuses requests for a host that is not this server's. A page of another site whose name is made to lead here (DNS
 * rebinding) is told apart by that name: the browser sends it as `Host`. An address cannot be rebound, and a name of
 * the loopback interface leads nowhere else, so both are let through, with any port: something may forward it.
 */
export function hostGuard(settings: Settings): (incoming: IncomingMessage) => Problem | undefined {
  const allowed = new Set<string>(settings.COUNTERSIGN_ALLOWED_HOSTS);
  if (settings.COUNTERSIGN_PUBLIC_URL !== undefined) {
    const { host, hostname } = new URL(settings.COUNTERSIGN_PUBLIC_URL);
    allowed.add(host).add(hostname);
  }
  if (isIP(settings.HOST) === 0) allowed.add(settings.HOST.toLowerCase());

  const isAllowed = (authority: string): boolean => {
    if (allowed.has(authority)) return true;
    const parsed = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::\d{1,5})?$/.exec(authority);
    const name = parsed?.[1];
    if (name === undefined) return false;
    const plain = name.endsWith('.') ? name.slice(0, -1) : name;
    if (allowed.has(plain) || plain === 'localhost' || plain.endsWith('.localhost')) return true;
    return isIP(plain.startsWith('[') ? plain.slice(1, -1) : plain) !== 0;
  };
  // A loaded gate is asked for the same host all the time.
  let last: string | undefined;

  return (incoming) => {
    const { host } = incoming.headers;
    const { url = '' } = incoming;
    if (host !== undefined && host === last && url.startsWith('/') && !isRepeated(incoming)) return undefined;
    if (isRepeated(incoming)) return problem('malformed_request', 'Send one Host header.');
    // HTTP/1.0 has none, and no browser speaks it.
    if (host !== undefined && !isAllowed(host.toLowerCase())) return misdirected(host);
    const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
    if (target !== undefined && !isAllowed(target.toLowerCase())) return misdirected(target);
    last = host;
    return undefined;
  };
}

/** Node keeps the first of several. */
function isRepeated({ rawHeaders }: IncomingMessage): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') seen += 1;
  }
  return seen > 1;
}

function misdirected(host: string): Problem {
  if (!/^[\w.:[\]-]{1,255}$/.test(host)) return problem('malformed_request', 'Host must be a host name or an address.');
  return problem(
    'misdirected_request',
    `This server does not answer for the host ${host}. Write it into COUNTERSIGN_ALLOWED_HOSTS, or into COUNTERSIGN_PUBLIC_URL if people reach it there.`,
  );
}
