import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Lookup } from './guarded-connect.ts';
import { callTo, type Loopback, read, sendVia, serveHttp } from './loopback.fixture.ts';
import { createUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

const open: (Loopback | Upstream)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close(0);
});

async function setup(options: (port: number) => Partial<UpstreamOptions>) {
  const server = await serveHttp((request, response) => response.end(JSON.stringify({ host: request.headers.host })));
  const upstream = createUpstream({ allow: [], ...options(server.port) });
  open.push(server, upstream);
  return { server, upstream };
}

const resolvingTo = (...addresses: string[]): Lookup & { calls: string[] } => {
  const calls: string[] = [];
  const lookup: Lookup = (hostname, _options, callback) => {
    calls.push(hostname);
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(callback, null, found);
  };
  return Object.assign(lookup, { calls });
};

test.each([
  ['127.0.0.1'],
  ['::1'],
  ['10.0.0.1'],
  ['169.254.169.254'],
  ['::ffff:127.0.0.1'],
  ['fd00:ec2::254'],
  ['64:ff9b::7f00:1'],
  ['0.0.0.0'],
  ['8.8.8.8', '127.0.0.1'],
  ['2606:4700::1111', '::1'],
  ['not an address'],
])('a public name that resolves to %s is blocked before a connection', async (...addresses) => {
  const lookup = resolvingTo(...addresses);
  const { server, upstream } = await setup(() => ({ lookup }));
  const outcome = await sendVia(upstream, callTo(`http://api.example.com:${server.port}`));
  expect(outcome).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  expect(JSON.stringify(outcome)).not.toContain(addresses[0]);
  expect(server.connections()).toBe(0);
});

test('a literal is blocked without a lookup, and without a request to an exception on another port', async () => {
  const lookup = resolvingTo('8.8.8.8');
  const { server, upstream } = await setup((port) => ({ lookup, allow: [`127.0.0.1:${port + 1}`] }));
  for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '2130706433', 'localhost', '0x7f.1']) {
    const outcome = await sendVia(upstream, callTo(`http://${host}:${server.port}`));
    expect(outcome, host).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  }
  expect(lookup.calls).toEqual([]);
  expect(server.connections()).toBe(0);
});

test('an excepted name may resolve to a private address, and only its own port is open', async () => {
  const lookup = resolvingTo('127.0.0.1');
  const { server, upstream } = await setup((port) => ({ lookup, allow: [`crm.internal:${port}`] }));
  const outcome = await sendVia(upstream, callTo(`http://crm.internal:${server.port}`));
  expect(read(outcome)).toEqual({
    kind: 'executed',
    result: { host: `crm.internal:${server.port}` },
    httpStatus: 200,
  });
  const other = await sendVia(upstream, callTo(`http://other.internal:${server.port}`));
  expect(other).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
});

test('an excepted name that resolves to a metadata address is blocked all the same', async () => {
  const { server, upstream } = await setup((port) => ({
    lookup: resolvingTo('169.254.169.254'),
    allow: [`crm.internal:${port}`],
  }));
  const outcome = await sendVia(upstream, callTo(`http://crm.internal:${server.port}`));
  expect(outcome).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
});

test('a name is resolved once a connection: a changed answer cannot move a checked call', async () => {
  const answers = ['127.0.0.1', '169.254.169.254'];
  const calls: string[] = [];
  const lookup: Lookup = (hostname, _options, callback) => {
    calls.push(hostname);
    callback(null, [{ address: answers[calls.length - 1] ?? '169.254.169.254', family: 4 }]);
  };
  const { server, upstream } = await setup((port) => ({ lookup, allow: [`rebind.example:${port}`] }));
  const call = callTo(`http://rebind.example:${server.port}`);
  expect(await sendVia(upstream, call)).toMatchObject({ kind: 'executed' });
  // undici lends a connection out again a turn of the event loop after its answer.
  await setImmediate();
  expect(await sendVia(upstream, call)).toMatchObject({ kind: 'executed' });
  await setImmediate();
  expect(calls).toEqual(['rebind.example']);
  // A second connection asks again, gets the other answer, and is refused.
  const outcomes = await Promise.all([sendVia(upstream, call), sendVia(upstream, call)]);
  expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['executed', 'refused']);
});

test.each([
  ['ENOTFOUND', 'dns_failed'],
  ['EAI_AGAIN', 'dns_failed'],
])('a lookup that fails with %s is a failure before sending', async (code, expected) => {
  const lookup: Lookup = (_hostname, _options, callback) => callback(Object.assign(new Error(code), { code }), []);
  const { upstream } = await setup(() => ({ lookup }));
  const outcome = await sendVia(upstream, callTo('http://api.example.com'));
  expect(read(outcome)).toMatchObject({ kind: 'failed', error: { code: expected } });
});

test('a lookup without addresses is a failure before sending', async () => {
  const { upstream } = await setup(() => ({ lookup: resolvingTo() }));
  const outcome = await sendVia(upstream, callTo('http://api.example.com'));
  expect(read(outcome)).toMatchObject({ kind: 'failed', error: { code: 'dns_failed' } });
});

test('a lookup that never answers ends with the time of the call', async () => {
  const { upstream } = await setup(() => ({ lookup: () => {} }));
  const outcome = await sendVia(upstream, callTo('http://api.example.com', { timeout_ms: 100 }));
  expect(read(outcome)).toMatchObject({ kind: 'failed', error: { code: 'timeout_before_send' } });
});

test('a malformed exception is a fault of the wiring', () => {
  expect(() => createUpstream({ allow: ['127.0.0.1'] })).toThrow(RangeError);
});
