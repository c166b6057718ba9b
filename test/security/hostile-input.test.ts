import { Readable } from 'node:stream';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { engines } from '../support/engines.ts';
import type { Reply } from '../support/gate.ts';
import { HOSTILE_CALLS, HOSTILE_JSON } from '../support/hostile-json.ts';
import { sendRaw } from '../support/raw-socket.ts';
import { expectProblem, useWatchedGate } from '../support/watched-gate.ts';
import { made, type Workbench } from '../support/workbench.ts';

const GATEWAY = '/api/agent/gateway';
const SIGN_IN = '/api/auth/sign-in/email';
const CALL = { tool: 'help.search', arguments: { q: 'refund' } };
const MEBIBYTE = 1024 * 1024;

describe.each(engines)('hostile input on %s', (engine) => {
  const { bench, client, agent, owner, anyone, note, logged, prepared } = useWatchedGate(engine);

  function expectTold(detail: string, told: string): void {
    const regexp = /^\/(.*)\/$/.exec(told)?.[1];
    if (regexp !== undefined) expect(detail).toMatch(new RegExp(regexp));
    else expect(detail.slice(-told.length)).toBe(told);
  }

  async function newestCall(): Promise<Record<string, unknown> | undefined> {
    await bench().gate.sequenced();
    const text = 'select * from agent_execution_logs where principal_id = $1 order by created_at desc, id desc limit 1';
    return (await bench().sql(text, [client().id]))[0];
  }

  test.each([...HOSTILE_JSON, ...HOSTILE_CALLS])(
    'a call that is $name is refused with its place',
    async ({ body, told }) => {
      const reply = await agent('POST', GATEWAY, body);
      expectProblem(reply, 400, 'invalid_payload');
      expectTold(reply.body.detail, told);
      expect(await newestCall()).toMatchObject({
        id: reply.body.execution_id,
        status: 'denied',
        code: 'invalid_payload',
        arguments: null,
      });
    },
  );

  test('every other route refuses the same texts, before and after sign-in', async () => {
    const path = `/v1/clients/${client().id}`;
    for (const { body, told } of HOSTILE_JSON) {
      const edited = await owner('PATCH', path, body);
      expectProblem(edited, 400, 'malformed_body');
      expectTold(edited.body.detail, told);
      const tooLarge = body.length > 64 * 1024;
      const signedIn = await anyone('POST', SIGN_IN, body);
      expectProblem(signedIn, tooLarge ? 413 : 400, tooLarge ? 'payload_too_large' : 'malformed_body');
    }
  });

  test('a body that says it is something else than JSON is not read', async () => {
    const text = JSON.stringify(CALL);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
      '',
    ]) {
      const headers = { 'content-type': type };
      expectProblem(await agent('POST', GATEWAY, text, headers), 415, 'unsupported_media_type');
      expectProblem(await owner('PATCH', `/v1/clients/${client().id}`, text, headers), 415, 'unsupported_media_type');
      expectProblem(await anyone('POST', SIGN_IN, text, headers), 415, 'unsupported_media_type');
    }
  });

  test('ten megabytes are refused, with their length told or in chunks', async () => {
    const large = `{"tool":"help.search","arguments":{"q":"${'a'.repeat(10 * MEBIBYTE)}"}}`;
    const cookie = await cookieOf(bench(), 'owner');
    await prepared();
    const asked: [string, string, Record<string, string>][] = [
      ['POST', GATEWAY, { authorization: `Bearer ${client().token}` }],
      ['PATCH', `/v1/clients/${client().id}`, { cookie }],
      ['POST', SIGN_IN, {}],
    ];
    for (const [method, path, headers] of asked) {
      expectProblem(await anyone(method, path, large, headers), 413, 'payload_too_large');
      const { statusCode, body } = await request(bench().gate.url + path, {
        method: method as 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: Readable.from(chunksOf(large, 64 * 1024)),
      });
      expect([statusCode, ((await body.json()) as { code: string }).code]).toEqual([413, 'payload_too_large']);
    }
  });

  test('one byte over the limit is too much, and the limit is not', async () => {
    const filled = (size: number): string => {
      const empty = '{"tool":"help.search","arguments":{"q":""}}';
      return empty.replace('""', `"${'a'.repeat(size - empty.length)}"`);
    };
    expectProblem(await agent('POST', GATEWAY, filled(MEBIBYTE + 1)), 413, 'payload_too_large');
    expectProblem(await agent('POST', GATEWAY, filled(MEBIBYTE)), 422, 'invalid_arguments');
  });

  test('a token of any other shape is no token', async () => {
    const { token } = client();
    const shapes = [
      '',
      'Bearer',
      'Bearer ',
      token,
      `Basic ${Buffer.from(`${token}:`).toString('base64')}`,
      `Token ${token}`,
      `Bearer ${token} ${token}`,
      `Bearer ${token},Bearer ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token.toUpperCase()}`,
      `Bearer "${token}"`,
      `Bearer ${token.slice(0, 8)}%${token.slice(9)}`,
      "Bearer ' or '1'='1",
      "Bearer cs_live_aaaaaaaa_'; drop table client_tokens; --",
      'Bearer null',
      'Bearer undefined',
      'Bearer é',
      `Bearer ${'a'.repeat(12_000)}`,
    ];
    const bodies = new Set<string>();
    for (const authorization of shapes) {
      for (const path of [GATEWAY, '/v1/approvals']) {
        const method = path === GATEWAY ? 'POST' : 'GET';
        const reply = await anyone(method, path, method === 'POST' ? CALL : undefined, { authorization });
        expectProblem(reply, 401, 'unauthenticated');
        bodies.add(reply.text.replaceAll(reply.body.request_id, ''));
      }
    }
    expect(bodies.size).toBe(1);
    // RFC 6750 allows more than one space, and RFC 9110 any case of the scheme.
    for (const scheme of ['Bearer  ', 'bearer ', 'BEARER ']) {
      expect((await anyone('POST', GATEWAY, CALL, { authorization: scheme + token })).status).toBe(200);
    }
  });

  test('a token of 100 kB, or with a NUL in it, does not get past the parser', async () => {
    const asked = (authorization: string): string =>
      `GET ${GATEWAY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
    for (const [authorization, status, code] of [
      [`Bearer ${'a'.repeat(100_000)}`, 431, 'headers_too_large'],
      [`Bearer ${client().token}\0`, 400, 'malformed_request'],
      [`Bearer \u0001${client().token}`, 400, 'malformed_request'],
    ] as const) {
      expectRawProblem(await sendRaw(bench().gate.url, asked(authorization)), status, code);
    }
  });

  function expectRawProblem(reply: Awaited<ReturnType<typeof sendRaw>>, status: number, code: string): void {
    note(reply.text);
    expect({ status: reply.status, closed: reply.closed }).toEqual({ status, closed: true });
    const [head = '', body = ''] = reply.text.split('\r\n\r\n');
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, request_id: expect.stringMatching(/^req_[0-9a-z]{26}$/) });
  }

  test('a path does not take another method than its own, and says which it takes', async () => {
    const paths = new Map<string, string[]>([
      [GATEWAY, ['GET', 'POST']],
      ['/healthz', ['GET']],
      ['/readyz', ['GET']],
      ['/openapi.json', ['GET']],
      [SIGN_IN, ['POST']],
      ['/api/auth/get-session', ['GET']],
    ]);
    for (const { path } of routes) {
      const plain = path.replaceAll(/\{\w+\}/g, 'x');
      const here = routes.filter((route) => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain));
      paths.set(
        plain,
        here.map(({ method }) => method.toUpperCase()),
      );
    }
    for (const [path, methods] of paths) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (methods.includes(method)) continue;
        const reply = await owner(method, path, method === 'GET' ? undefined : '{}');
        expectProblem(reply, 405, 'method_not_allowed');
        const allowed = reply.headers.get('allow')?.split(', ') ?? [];
        expect(allowed, `${method} ${path}`).toEqual(expect.arrayContaining(methods));
        expect(allowed).not.toContain(method);
      }
    }
  });

  test('paths that lead nowhere, or out of their place, are not found', async () => {
    for (const path of [
      '/v1',
      '/v1/nothing',
      '/api',
      '/api/auth/',
      '/api/auth/sign-up/email',
      '/v1/clients/',
      '/%00',
      '/v1/clients/%zz',
      '/v1/clients/a%2fb',
      '/..%5c..%5cetc/passwd',
      '/v1/clients//tokens',
      `/${'a'.repeat(8_000)}`,
    ]) {
      expectProblem(await owner('GET', path), 404, 'not_found');
    }
  });

  test('a cookie that is not signed, not known or out of date is no cookie', async () => {
    const cookie = await cookieOf(bench(), 'viewer');
    const [name, value = ''] = cookie.split('=', 2);
    const [token] = decodeURIComponent(value).split('.');
    const asked = (header: string): Promise<Reply> => anyone('GET', '/v1/me', undefined, { cookie: header });
    expect((await asked(cookie)).status).toBe(200);
    for (const header of [
      '',
      name!,
      `${name}=`,
      `${name}=${token}`,
      `${name}=${value.slice(0, -4)}`,
      `${name}=${'a'.repeat(32)}.${value.split('.')[1]}`,
      `${name}=' or 1=1 --`,
      `${name}=%ff%fe`,
      `${name}=${'a'.repeat(8_000)}`,
      `__Secure-${cookie}`,
      `; ; = ;${name}`,
    ]) {
      expectProblem(await asked(header), 401, 'unauthenticated');
    }
    const ends = async (column: string, interval: string): Promise<void> => {
      await bench().sql(`update auth_sessions set "${column}" = clock_timestamp() ${interval} where token = $1`, [
        token,
      ]);
    };
    await ends('expiresAt', `- interval '1 second'`);
    expectProblem(await asked(cookie), 401, 'unauthenticated');
    await ends('expiresAt', `+ interval '1 hour'`);
    await ends('updatedAt', `- interval '13 hours'`);
    expectProblem(await asked(cookie), 401, 'unauthenticated');
    await bench().sql('delete from auth_sessions where token = $1', [token]);
    expectProblem(await asked(cookie), 401, 'unauthenticated');
    await prepared();
  });

  test('an Idempotency-Key that cannot be one makes the call unreadable', async () => {
    for (const key of ['', ' ', 'a b', 'a'.repeat(256), 'schlüssel', 'a\tb']) {
      expectProblem(await agent('POST', GATEWAY, CALL, { 'idempotency-key': key }), 400, 'invalid_payload');
    }
    const twice = `POST ${GATEWAY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${client().token}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    expect((await sendRaw(bench().gate.url, twice)).status).toBe(400);
    const long = { 'idempotency-key': 'a'.repeat(255) };
    expect((await agent('POST', GATEWAY, CALL, long)).status).toBe(200);
  });

  test('a request id that is not one of ours is replaced, and is nowhere', async () => {
    const own = 'req_01m80m5h5re308pvzp7b8eqkmg';
    expect((await anyone('GET', '/v1/me', undefined, { 'x-request-id': own })).body.request_id).toBe(own);
    for (const id of [
      'injected',
      'req_injected',
      `${own}x`,
      `${own} injected`,
      '<script>injected</script>',
      "injected' or 1=1",
      '\u00e9injected',
      'injected'.repeat(1_000),
    ]) {
      for (const [method, path] of [
        ['GET', '/v1/me'],
        ['POST', GATEWAY],
        ['GET', '/nowhere'],
      ] as const) {
        const reply = await anyone(method, path, method === 'POST' ? CALL : undefined, { 'x-request-id': id });
        expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
        expect(reply.text).not.toContain('injected');
      }
    }
    for (const text of logged) expect(text).not.toContain('injected');
  });

  test('bytes that are no HTTP, or two requests in one, end with the connection', async () => {
    const { url } = bench().gate;
    const inner = JSON.stringify(CALL);
    const smuggled = `POST ${GATEWAY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${client().token}\r\nContent-Type: application/json\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    const post = (fields: string, body: string): string =>
      `POST ${GATEWAY} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}`;
    const calls = async (): Promise<number> => {
      await bench().gate.sequenced();
      const text = 'select count(*)::integer as count from agent_execution_logs';
      return (await bench().sql<{ count: number }>(text))[0]!.count;
    };
    const callsBefore = await calls();
    for (const bytes of [
      'nonsense\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-Bad\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\n X-Folded: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-Bad: a\0b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-Bad : a\r\n\r\n',
      `BREW ${GATEWAY} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Many: a\r\n'.repeat(3_000)}\r\n`,
      post('Content-Length: 2\r\nContent-Length: 400', smuggled),
      post('Content-Length: 6\r\nTransfer-Encoding: chunked', `0\r\n\r\n${smuggled}`),
      post('Transfer-Encoding: chunked\r\nContent-Length: 6', `0\r\n\r\n${smuggled}`),
      post('Transfer-Encoding: xchunked', `0\r\n\r\n${smuggled}`),
      post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${smuggled}`),
      post('Content-Type: application/json\r\nTransfer-Encoding: chunked', `zz\r\n${smuggled}`),
      post('Content-Length: -1', smuggled),
      post('Content-Length: 0x10', smuggled),
    ]) {
      const reply = await sendRaw(url, Buffer.from(bytes, 'latin1'));
      const status = bytes.length > 16_384 ? 431 : 400;
      expectRawProblem(reply, status, status === 431 ? 'headers_too_large' : 'malformed_request');
    }
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n']) {
      const reply = await sendRaw(url, bytes);
      note(reply.text);
      expect([reply.status, bytes]).toEqual([400, bytes]);
    }
    expect(await calls()).toBe(callsBefore);
    // Two whole requests behind each other are two requests.
    const last = smuggled.replace('Host: localhost', 'Host: localhost\r\nConnection: close');
    expect((await sendRaw(url, smuggled + last)).text.match(/"status":"executed"/g)).toHaveLength(2);
  });
});

/** Signs a person in anew and gives the cookie, for requests that are not sent by `gate.person`. */
async function cookieOf({ gate }: Workbench, role: string): Promise<string> {
  const { email, password } = gate.demo.users.find((user) => user.role === role)!;
  const reply = await gate.anyone('POST', SIGN_IN, { email, password });
  made(reply);
  return reply.headers.getSetCookie()[0]!.split(';')[0]!;
}

function* chunksOf(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
