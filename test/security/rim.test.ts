import { connect } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { sendRaw } from '../support/raw-socket.ts';

/** What holds for every request before anybody looks at what it asks for. */

const GATEWAY = '/api/agent/gateway';

describe.each(engines.slice(0, 1))('the rim on %s', (engine) => {
  let gate: Gate;
  const logged: Record<string, unknown>[] = [];
  beforeAll(async () => {
    const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    gate = await startGate(engine, { COUNTERSIGN_ALLOWED_HOSTS: 'gate.internal, gate.lan:8443' }, log);
  });
  afterAll(() => gate?.close());

  const url = (): string => gate.url;
  const PATHS = ['GET /healthz', 'GET /v1/me', `GET ${GATEWAY}`, `POST ${GATEWAY}`, 'GET /', 'GET /docs'];

  const asked = (line: string, host: string, more = ''): Promise<{ text: string; status: number | null }> =>
    sendRaw(url(), `${line} HTTP/1.1\r\n${host}${more}connection: close\r\ncontent-length: 0\r\n\r\n`);

  test.each(['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example', 'gate.lan:1'])(
    'a request for the host %s is refused on every path, with the setting that would let it in',
    async (host) => {
      for (const line of PATHS) {
        const { status, text } = await asked(line, `host: ${host}\r\n`);
        expect([line, status]).toEqual([line, 421]);
        expect(text).toContain('"code":"misdirected_request"');
        expect(text).toContain('COUNTERSIGN_ALLOWED_HOSTS');
      }
    },
  );

  test.each(['gate.internal', 'gate.lan:8443', 'localhost:5173'])('the host %s is ours', async (host) => {
    expect((await asked('GET /healthz', `host: ${host}\r\n`)).status).toBe(200);
  });

  test('two Host headers are refused, and a foreign host in the request line', async () => {
    for (const line of PATHS) {
      expect((await asked(line, 'host: localhost\r\nhost: evil.example\r\n')).status).toBe(400);
      const [method, path] = line.split(' ');
      expect((await asked(`${method} http://evil.example${path}`, 'host: localhost\r\n')).status).toBe(421);
    }
  });

  test('JSON is not sniffed, and no page of ours is framed', async () => {
    for (const path of ['/healthz', '/v1/me', GATEWAY, '/openapi.json', '/nowhere', '/docs', '/docs/refusals']) {
      const reply = await gate.anyone('GET', path);
      expect([path, reply.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      if (path.startsWith('/docs'))
        expect(reply.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    const refused = await gate.client()('POST', GATEWAY, '{');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['none', {}],
    ['one that cannot be a token', { authorization: 'Bearer nonsense' }],
    ['an unknown one', { authorization: `Bearer cs_live_abcd1234_${'a'.repeat(43)}` }],
  ] as [string, Record<string, string>][])(
    'without a token (%s) the answer does not wait for the body',
    async (_name, headers) => {
      const { port } = new URL(url());
      const socket = connect(Number(port), '127.0.0.1');
      const heads = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `POST ${GATEWAY} HTTP/1.1\r\nhost: localhost\r\n${heads.join('')}content-type: application/json\r\ncontent-length: 1000000\r\n\r\n{"tool":`,
      );
      const text = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
      expect(text).toMatch(/^HTTP\/1\.1 401 /);
      expect(text).toContain('"code":"unauthenticated"');
      // What goes on is dropped up to a bound, then the connection ends.
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      const more = Buffer.alloc(256 * 1024, 0x20);
      socket.on('drain', () => socket.write(more));
      socket.write(more);
      await ended;
    },
  );

  test('of one token only so many large bodies are under way at a time', async () => {
    const { port } = new URL(url());
    const head = `POST ${GATEWAY} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gate.demo.clients[0]!.token}\r\ncontent-type: application/json\r\n`;
    const sockets = Array.from({ length: 40 }, (_, nth) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`${head}${nth % 2 === 0 ? 'content-length: 1048576' : 'transfer-encoding: chunked'}\r\n\r\n`);
      return socket;
    });
    try {
      const refused = new Set<number>();
      for (const [nth, socket] of sockets.entries()) {
        socket.once('data', (chunk) => {
          if (/^HTTP\/1\.1 429 /.test(String(chunk))) refused.add(nth);
        });
      }
      await expect.poll(() => refused.size, { timeout: 20_000 }).toBe(8);
      // Calls of an ordinary size go on.
      const ordinary = { tool: 'help.search', arguments: { q: 'x' } };
      expect((await gate.client()('POST', GATEWAY, ordinary)).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    const large = { tool: 'help.search', arguments: { q: 'x'.repeat(20_000) } };
    await expect
      .poll(async () => (await gate.client()('POST', GATEWAY, large)).status, { timeout: 20_000, interval: 250 })
      .not.toBe(429);
  });

  test('a token that was revoked is still told apart only by its entry', async () => {
    const reply = await gate.client('cs_live_abcd1234_unknown')('POST', GATEWAY, { tool: 'help.search' });
    expect([reply.status, reply.body.code, reply.body.execution_id]).toEqual([401, 'unauthenticated', undefined]);
  });

  test('however many ask, readiness asks the store once a second', async () => {
    const { sequencer } = gate.running.app;
    const { lagMs } = sequencer;
    let asks = 0;
    sequencer.lagMs = async () => {
      asks += 1;
      return lagMs.call(sequencer);
    };
    try {
      const replies = await Promise.all(Array.from({ length: 50 }, () => gate.anyone('GET', '/readyz')));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(asks).toBeLessThanOrEqual(2);
    } finally {
      sequencer.lagMs = lagMs;
    }
  });

  test('each request has one line in the log, with its id, its trace and no value of its own', async () => {
    const owner = await gate.person('owner');
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traced = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    logged.length = 0;
    const reply = await owner('GET', '/v1/audit?actor=usr_somebody', undefined, traced);
    const call = await gate.client()('POST', GATEWAY, { tool: 'help.search', arguments: { q: 'secretish' } }, traced);
    const strange = await gate.anyone('GET', '/some/where?token=abc');
    const lines = () => logged.filter(({ msg }) => msg === 'request');
    await expect.poll(lines).toHaveLength(3);
    const [first, second, third] = lines();
    const id = reply.headers.get('x-request-id');
    expect(first).toMatchObject({ request_id: id, trace_id: trace, method: 'GET', route: '/v1/audit', status: 200 });
    expect(first!.ms).toEqual(expect.any(Number));
    expect(first!.bytes).toBeGreaterThan(reply.text.length);
    const callId = call.headers.get('x-request-id');
    expect(second).toMatchObject({ request_id: callId, trace_id: trace, method: 'POST', route: GATEWAY, status: 200 });
    expect(third).toMatchObject({ request_id: strange.headers.get('x-request-id'), status: 404 });
    expect(JSON.stringify(lines())).not.toMatch(/usr_somebody|secretish|some\/where|abc/);
  });

  test('a change names its request and its trace in its entry', async () => {
    const owner = await gate.person('owner');
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const reply = await owner(
      'POST',
      '/v1/clients',
      { name: 'traced' },
      { traceparent: `00-${trace}-b7ad6b7169203331-00` },
    );
    await gate.sequenced();
    const { body } = await owner('GET', `/v1/audit?resource=${reply.body.id}`);
    expect(body.items[0].entry).toMatchObject({ request_id: reply.headers.get('x-request-id'), trace_id: trace });
    expect((await owner('POST', '/v1/audit/verify')).body.ok).toBe(true);
  });

  test('a link on another site exports nothing and leaves no entry, nor does any other GET', async () => {
    const owner = await gate.person('owner');
    for (const site of ['cross-site', 'same-site']) {
      const reply = await owner('GET', '/v1/audit/export', undefined, { 'sec-fetch-site': site });
      expect([reply.status, reply.body.code]).toEqual([403, 'bad_origin']);
    }
    await gate.sequenced();
    const { body } = await owner('GET', '/v1/audit?event=audit.exported');
    expect(body.items).toEqual([]);
  });
});
