import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { idToUuid, newId } from '../kernel/ids.ts';
import {
  type EgressExceptions,
  egressExceptions,
  isExcepted,
  parseEgressAllow,
  sayException,
} from './egress-exceptions.ts';
import { checkHost, readUrl } from './egress-guard.ts';
import type { Lookup } from './guarded-connect.ts';
import { callTo, type Loopback, sendVia, serveHttp, TENANT } from './loopback.fixture.ts';
import { createUpstream, type Upstream } from './upstream.ts';

const open: (Loopback | Upstream)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close(0);
});

/** Whether the guard lets a workspace's call set out for a URL. */
function reaches(url: string, exceptions: EgressExceptions, tenantId = TENANT): boolean {
  const to = readUrl(url);
  return to.ok && checkHost(to.hostname, to.port, isExcepted(exceptions, tenantId, to.hostname, to.port)) === null;
}

test('an exception opens exactly its host and port', () => {
  const allow = egressExceptions(['127.0.0.1:4010', '[::1]:4010', 'localhost:4010', 'crm.internal:443', '10.0.0.5:25']);
  for (const url of [
    'http://127.0.0.1:4010/',
    'http://[::1]:4010/',
    'http://localhost:4010/x',
    'http://10.0.0.5:25/',
  ]) {
    expect(reaches(url, allow), url).toBe(true);
  }
  expect(reaches('https://crm.internal/', allow)).toBe(true);
  for (const url of ['http://127.0.0.1/', 'http://127.0.0.1:4011/', 'http://127.0.0.2:4010/', 'http://crm.internal/']) {
    expect(reaches(url, allow), url).toBe(false);
  }
  for (const url of [
    'http://2130706433:4010/',
    'http://127.1:4010/',
    'http://[::ffff:127.0.0.1]:4010/',
    'http://[::ffff:7f00:1]:4010/',
  ]) {
    expect(reaches(url, allow), url).toBe(false);
  }
});

test('exceptions are parsed from the setting, normalised and without doubles', () => {
  expect(parseEgressAllow('')).toEqual({ ok: true, allow: [] });
  expect(parseEgressAllow(' 127.0.0.1:4010,LOCALHOST:80\n[::1]:4010  localhost:80 ')).toEqual({
    ok: true,
    allow: ['127.0.0.1:4010', 'localhost:80', '[::1]:4010'],
  });
});

test.each([
  '127.0.0.1',
  'localhost',
  '*:80',
  '*.internal:80',
  '10.0.0.0/8:80',
  'http://127.0.0.1:80',
  '::1:80',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.1:80',
  '0x7f.0.0.1:80',
  'user@host:80',
  'demo@127.0.0.1:80',
  '@127.0.0.1:80',
  'usr_01h455vb4pex5vsknk084sn02q@127.0.0.1:80',
  'org_01h455vb4pex5vsknk084sn02q@@127.0.0.1:80',
  'org_01h455vb4pex5vsknk084sn02q@',
  'host:80/path',
  'host.:80',
  'host:080',
  '169.254.169.254:80',
  '[fe80::1]:80',
  '0.0.0.0:80',
])('the exception %j is refused with a sentence that names it', (entry) => {
  const parsed = parseEgressAllow(`127.0.0.1:1, ${entry}`);
  expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(entry) });
  expect(() => egressExceptions([entry])).toThrow(RangeError);
});

test('an exception that names a workspace holds for that one alone', () => {
  const [mine, theirs] = [newId('org'), newId('org')];
  const exceptions = egressExceptions([`${mine}@127.0.0.1:4010`, `${theirs}@127.0.0.1:4011`, 'crm.internal:443']);
  const [me, them] = [idToUuid(mine), idToUuid(theirs)];
  expect(reaches('http://127.0.0.1:4010/', exceptions, me)).toBe(true);
  expect(reaches('http://127.0.0.1:4010/', exceptions, them)).toBe(false);
  expect(reaches('http://127.0.0.1:4011/', exceptions, me)).toBe(false);
  expect(reaches('http://127.0.0.1:4011/', exceptions, them)).toBe(true);
  expect(reaches('http://127.0.0.1:4010/', exceptions, TENANT)).toBe(false);
  for (const tenantId of [me, them, TENANT]) expect(reaches('https://crm.internal/', exceptions, tenantId)).toBe(true);
});

test('the operator hears whom an exception lets through', () => {
  const id = newId('org');
  const [one] = egressExceptions([`${id}@127.0.0.1:4010`]).list;
  expect(sayException(one!, 'demo')).toMatch(/workspace demo reach 127\.0\.0\.1:4010/);
  expect(sayException(one!, undefined)).toMatch(/does not exist, so it lets nobody through/);
  const [all] = egressExceptions(['127.0.0.1:4010']).list;
  expect(sayException(all!, undefined)).toMatch(/every workspace reach 127\.0\.0\.1:4010/);
});

/** A server on loopback that a name of the open Internet resolves to, and a gate with an exception for one workspace. */
async function setup() {
  const server = await serveHttp((_request, response) => response.end('{"secret":true}'));
  const lookup: Lookup = (_hostname, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const mine = newId('org');
  const upstream = createUpstream({ allow: [`${mine}@crm.example.com:${server.port}`], lookup, keepAliveMs: 60_000 });
  open.push(server, upstream);
  return { server, upstream, call: callTo(`http://crm.example.com:${server.port}`), tenantId: idToUuid(mine) };
}

test("another workspace does not get at the connection that one's exception opened", async () => {
  const { server, upstream, call, tenantId } = await setup();
  for (let round = 0; round < 3; round += 1) {
    expect(await sendVia(upstream, { ...call, tenantId })).toMatchObject({ kind: 'executed' });
    // undici lends a connection out again a turn of the event loop after its answer.
    await setImmediate();
    expect(await sendVia(upstream, call)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  }
  expect(server.connections()).toBe(1);
});

test('calls of both workspaces at once are told apart, also for one connector config', async () => {
  const { server, upstream, call, tenantId } = await setup();
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, at) => sendVia(upstream, at % 2 === 0 ? { ...call, tenantId } : call)),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(
    Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 'executed' : 'refused')),
  );
  expect(server.connections()).toBeGreaterThan(0);
});
