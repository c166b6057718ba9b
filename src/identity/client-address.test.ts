import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { originOf, parseTrustedProxies } from './client-address.ts';

function trusted(text: string) {
  const parsed = parseTrustedProxies(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.proxies;
}

function from(remoteAddress: string | undefined, headers: Record<string, string> = {}): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

const PROXIES = trusted('10.0.0.0/8, 192.0.2.10, 2001:db8:ffff::/48');
const SPOOFED = {
  'x-forwarded-for': '203.0.113.9',
  forwarded: 'for=203.0.113.9;proto=https',
  'x-forwarded-proto': 'https',
};

test.each<[string, string, Record<string, string>, string]>([
  ['one proxy', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['two proxies', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1, 10.1.1.1' }, '203.0.113.1'],
  ['what the client wrote before', '10.0.0.1', { 'x-forwarded-for': '127.0.0.1, 203.0.113.1' }, '203.0.113.1'],
  ['a client that names a proxy of ours', '10.0.0.1', { 'x-forwarded-for': '10.9.9.9, 203.0.113.1' }, '203.0.113.1'],
  ['several lines, joined', '10.0.0.1', { 'x-forwarded-for': '1.1.1.1, 203.0.113.1, 10.0.0.2' }, '203.0.113.1'],
  ['only proxies', '10.0.0.1', { 'x-forwarded-for': '10.0.0.7, 10.0.0.2' }, '10.0.0.7'],
  ['nothing said', '10.0.0.1', {}, '10.0.0.1'],
  ['an empty header', '10.0.0.1', { 'x-forwarded-for': '' }, '10.0.0.1'],
  ['a name', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1, unknown' }, '10.0.0.1'],
  ['a name behind a proxy', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1, evil, 10.0.0.2' }, '10.0.0.2'],
  ['a stray comma', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1,' }, '10.0.0.1'],
  ['a port', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1:4711' }, '203.0.113.1'],
  ['IPv6', '10.0.0.1', { 'x-forwarded-for': '2001:DB8::1' }, '2001:db8::1'],
  ['IPv6 in brackets', '10.0.0.1', { 'x-forwarded-for': '[2001:db8::1]' }, '2001:db8::1'],
  ['IPv6 with a port', '10.0.0.1', { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
  ['IPv4 in IPv6', '10.0.0.1', { 'x-forwarded-for': '::ffff:203.0.113.1' }, '203.0.113.1'],
  ['IPv4 in brackets is malformed', '10.0.0.1', { 'x-forwarded-for': '[203.0.113.1]' }, '10.0.0.1'],
  ['a short IPv4 is malformed', '10.0.0.1', { 'x-forwarded-for': '203.1' }, '10.0.0.1'],
  ['an octal IPv4 is malformed', '10.0.0.1', { 'x-forwarded-for': '0xcb.0.113.1' }, '10.0.0.1'],
  ['a range is malformed', '10.0.0.1', { 'x-forwarded-for': '203.0.113.1/32' }, '10.0.0.1'],
  ['a proxy over IPv6', '2001:db8:ffff::2', { 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['a proxy as IPv4 in IPv6', '::ffff:10.0.0.1', { 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['a proxy with a zone', '2001:db8:ffff::2%eth0', { 'x-forwarded-for': 'fe80::1%eth0' }, 'fe80::1'],
  ['one address, not its neighbour', '192.0.2.11', { 'x-forwarded-for': '203.0.113.1' }, '192.0.2.11'],
  ['Forwarded', '10.0.0.1', { forwarded: 'for=203.0.113.1;proto=https;by=10.0.0.1' }, '203.0.113.1'],
  ['Forwarded over IPv6', '10.0.0.1', { forwarded: 'by=x; For="[2001:db8::1]:4711"' }, '2001:db8::1'],
  ['Forwarded by two', '10.0.0.1', { forwarded: 'for=1.1.1.1, for=203.0.113.1, for=10.0.0.2' }, '203.0.113.1'],
  ['Forwarded with a hidden name', '10.0.0.1', { forwarded: 'for=203.0.113.1, for=_hidden' }, '10.0.0.1'],
  ['Forwarded without for', '10.0.0.1', { forwarded: 'proto=https' }, '10.0.0.1'],
  ['both, agreeing', '10.0.0.1', { forwarded: 'for=203.0.113.1', 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['both, differing', '10.0.0.1', { forwarded: 'for=203.0.113.1', 'x-forwarded-for': '203.0.113.2' }, '10.0.0.1'],
])('%s', (_name, peer, headers, ip) => {
  expect(originOf(from(peer, headers), PROXIES).ip).toBe(ip);
});

test.each(['203.0.113.5', '11.0.0.1', '2001:db8:fffe::1', '::ffff:203.0.113.5', 'fe80::1'])(
  'what %s says of itself is not believed',
  (peer) => {
    const known = originOf(from(peer), PROXIES);
    expect(originOf(from(peer, SPOOFED), PROXIES)).toEqual(known);
    expect(originOf(from(peer, SPOOFED), [])).toEqual(known);
    expect(known.https).toBe(false);
  },
);

test.each<[Record<string, string>, boolean]>([
  [{ 'x-forwarded-proto': 'https' }, true],
  [{ 'x-forwarded-proto': 'HTTPS' }, true],
  [{ 'x-forwarded-proto': 'https, http' }, false],
  [{ 'x-forwarded-proto': 'http, https' }, true],
  [{ 'x-forwarded-proto': 'javascript' }, false],
  [{ forwarded: 'for=203.0.113.1;proto=https' }, true],
  [{ forwarded: 'for=203.0.113.1' }, false],
  [{}, false],
])('TLS to the proxy: %o', (headers, https) => {
  expect(originOf(from('10.0.0.1', headers), PROXIES).https).toBe(https);
});

test('a connection that is gone has no address', () => {
  expect(originOf(from(undefined, SPOOFED), PROXIES)).toEqual({ ip: '', https: false });
});

test.each([
  ['proxy.internal', 'proxy.internal is no address or range such as 10.0.0.5 or 10.0.0.0/8'],
  ['10.0.0.0/33', '10.0.0.0/33 is no address or range such as 10.0.0.5 or 10.0.0.0/8'],
  ['10.1', '10.1 is no address or range such as 10.0.0.5 or 10.0.0.0/8'],
  ['10.0.0.1:80', '10.0.0.1:80 is no address or range such as 10.0.0.5 or 10.0.0.0/8'],
  ['*', '* is no address or range such as 10.0.0.5 or 10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0 is everybody; name your proxies'],
  ['::/0', '::/0 is everybody; name your proxies'],
])('%s cannot be trusted', (text, message) => {
  expect(parseTrustedProxies(text)).toEqual({ ok: false, message });
});
