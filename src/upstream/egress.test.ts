import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorization } from './authorization.ts';
import { type DnsServer, startDnsServer } from './dns-server.fixture.ts';
import { egressExceptions } from './egress-exceptions.ts';
import { HOSTILE } from './hostile-targets.fixture.ts';
import { callTo, type Loopback, read, sendVia, serveHttp, TENANT } from './loopback.fixture.ts';
import { refuseTarget } from './shapes.ts';
import { createUpstream, type Upstream } from './upstream.ts';

const targets = HOSTILE.flatMap(([reason, urls]) => urls.map((url) => [url, reason] as const));

test('the table is long enough to be worth its name', () => {
  expect(new Set(targets.map(([url]) => url)).size).toBeGreaterThanOrEqual(60);
});

describe('every way out has the one guard', () => {
  let upstream: Upstream;
  const looked: string[] = [];
  beforeAll(() => {
    upstream = createUpstream({
      allow: [],
      lookup: (name, _options, callback) => {
        looked.push(name);
        callback(null, []);
      },
    });
  });
  afterAll(() => upstream.close(0));

  test.each(targets)('%j is reached by none of them: %s', async (url) => {
    expect(await sendVia(upstream, callTo(url))).toMatchObject({ kind: 'refused' });
    const server = { id: 'con_1', kind: 'mcp', config: { transport: 'http', url } };
    const handlerConfig = { tool: 'echo', pin: 'a'.repeat(64) };
    const toServer = { ...callTo(url), handlerKind: 'mcp', handlerConfig, connector: server };
    expect(upstream.prepare(toServer)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
    const asked = { tenantId: TENANT, url, maxBytes: 1024, timeoutMs: 1000 };
    expect(await upstream.fetchGuarded(asked)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
    const given = authorization.safeParse({
      kind: 'oauth',
      authorize_url: 'https://provider.example/authorize',
      token_url: url,
      client_id: 'a',
    });
    const config = { base_url: 'https://api.example', authorization: given.data };
    const exceptions = egressExceptions([]);
    expect(given.success && refuseTarget('http', config, TENANT, exceptions)).not.toBeNull();
    expect(looked).toEqual([]);
  });
});

/** Addresses that names lead to although nobody may go there. */
const LEADS = [
  ['127.0.0.1'],
  ['127.8.9.10'],
  ['10.0.0.1'],
  ['172.16.0.1'],
  ['192.168.1.1'],
  ['100.64.0.1'],
  ['169.254.169.254'],
  ['168.63.129.16'],
  ['100.100.100.200'],
  ['0.0.0.0'],
  ['192.0.2.1'],
  ['198.18.0.1'],
  ['224.0.0.1'],
  ['255.255.255.255'],
  ['::1'],
  ['::'],
  ['::ffff:127.0.0.1'],
  ['::ffff:169.254.169.254'],
  ['64:ff9b::7f00:1'],
  ['2002:7f00:1::'],
  ['2001:0:1::1'],
  ['fd00:ec2::254'],
  ['fd12::1'],
  ['fe80::1'],
  ['ff02::1'],
  ['8.8.8.8', '127.0.0.1'],
  ['8.8.8.8', '8.8.4.4', '1.1.1.1', '10.0.0.1'],
  ['2606:4700::1111', '::1'],
  ['8.8.8.8', '::ffff:10.0.0.1'],
] as const;

describe('names, with a DNS server', () => {
  let dns: DnsServer;
  let server: Loopback;
  let upstream: Upstream;
  let port = 0;
  beforeAll(async () => {
    server = await serveHttp((_request, response) => response.end('{"reached":true}'));
    port = server.port;
    const zone = Object.fromEntries(LEADS.map((addresses, nth) => [`lead${nth}.example`, [addresses]]));
    dns = await startDnsServer({
      ...zone,
      'alias.example': [{ alias: 'lead0.example' }],
      'long.example': [{ alias: 'alias.example' }],
      'rebind.example': [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']],
      'turns.example': [['127.0.0.1'], ['127.0.0.2']],
      'nobody.example': [{ error: 'NXDOMAIN' }],
      'broken.example': [{ error: 'SERVFAIL' }],
      'empty.example': [[]],
      'silent.example': ['silence'],
    });
    upstream = createUpstream({
      allow: [`rebind.example:${port}`, `turns.example:${port}`],
      lookup: dns.lookup,
      keepAliveMs: 1,
    });
  });
  afterAll(async () => {
    await upstream?.close(0);
    await dns?.close();
    await server?.close();
  });
  const ask = (host: string) =>
    upstream.fetchGuarded({ tenantId: TENANT, url: `http://${host}:${port}/`, maxBytes: 1024, timeoutMs: 2000 });

  test.each(LEADS.map((addresses, nth) => [`lead${nth}.example`, addresses.join(' ')] as const))(
    '%s, which leads to %s, is not connected to',
    async (name) => {
      const before = server.connections();
      expect(await ask(name)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
      expect(read(await sendVia(upstream, callTo(`http://${name}:${port}`)))).toMatchObject({ kind: 'refused' });
      expect(server.connections()).toBe(before);
    },
  );

  test.each(['alias.example', 'long.example'])('%s leads there by other names', async (name) => {
    expect(await ask(name)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  });

  test('a name that is let through and then leads elsewhere is judged by every answer, and asked once a connection', async () => {
    expect(await ask('rebind.example')).toMatchObject({ kind: 'answer', status: 200 });
    expect(await ask('rebind.example')).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
    expect(await ask('rebind.example')).toMatchObject({ kind: 'answer', status: 200 });
    expect(dns.asked.filter((name) => name === 'rebind.example')).toHaveLength(3);
  });

  test('what was checked is what is connected to, however often the name turns', async () => {
    const before = server.connections();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => ask('turns.example')));
    const reached = outcomes.filter(({ kind }) => kind === 'answer').length;
    // The exception lifts both; where the others went nobody listens, and none of them came here instead.
    expect(server.connections() - before).toBe(reached);
  });

  test.each(['nobody.example', 'broken.example', 'empty.example', 'silent.example'])(
    '%s leads nowhere, and nothing is sent',
    async (name) => {
      expect(await ask(name)).toMatchObject({ kind: 'failed', code: 'dns_failed' });
    },
  );
});

describe('what comes back', () => {
  let server: Loopback;
  let upstream: Upstream;
  const sizes: Record<string, number> = {};
  beforeAll(async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const listener = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://a.invalid');
      response.on('close', () => {
        sizes[pathname] = response.socket?.bytesWritten ?? 0;
      });
      if (pathname === '/redirect')
        response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      else if (pathname === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      else if (pathname === '/twice') response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(gzipSync(bomb));
      else if (pathname === '/headers') response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end();
      else if (pathname === '/drip') {
        response.write('x');
        const dripping = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(dripping));
      } else if (pathname === '/endless') {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
        };
        response.on('drain', more);
        more();
      }
    });
    server = await serveHttp((request, response) => listener.emit('request', request, response));
    upstream = createUpstream({ allow: [`127.0.0.1:${server.port}`] });
  });
  afterAll(async () => {
    await upstream?.close(0);
    await server?.close();
  });
  const ask = (path: string, timeoutMs = 5000) =>
    upstream.fetchGuarded({
      tenantId: TENANT,
      url: `http://127.0.0.1:${server.port}${path}`,
      maxBytes: 128 * 1024,
      timeoutMs,
    });

  test('a redirect is an answer, and followed by nobody', async () => {
    expect(await ask('/redirect')).toMatchObject({ kind: 'answer', status: 307 });
    expect(server.connections()).toBe(1);
  });

  test.each(['/bomb', '/endless'])('%s is read up to the limit', async (path) => {
    const before = process.memoryUsage().arrayBuffers;
    const answer = await ask(path);
    expect(answer).toMatchObject({ kind: 'answer', complete: false });
    expect(answer.kind === 'answer' && answer.body.length).toBe(128 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('an answer that is encoded twice is not opened', async () => {
    expect(await ask('/twice')).toMatchObject({ kind: 'answer', complete: false });
  });

  test('headers are bounded, and a drip ends with the time', async () => {
    expect(await ask('/headers')).toMatchObject({ kind: 'unknown' });
    expect(await ask('/drip', 300)).toMatchObject({ kind: 'unknown' });
  });
});
