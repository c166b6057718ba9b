import { expect, test } from 'vitest';
import { egressExceptions } from '../../egress-exceptions.ts';
import { useSecrets } from '../../secrets/used.ts';
import { httpHandlerConfig } from './config.ts';
import { fillSecrets } from './fill.ts';
import { http } from './kind.ts';
import { planRequest, targetOf } from './target.ts';

const NO_PREFIX = { path: '', query: '', names: [] };
type Args = Record<string, unknown>;

const made = (config: object, args: Args) =>
  targetOf(planRequest(httpHandlerConfig.parse(config)), NO_PREFIX, args, Buffer.from(JSON.stringify(args)));
const bodyOf = (config: object, args: Args): string => {
  const target = made(config, args);
  if (!target.ok) throw new Error(target.detail);
  return Array.isArray(target.body) ? target.body.join('') : Buffer.from(target.body as Uint8Array).toString();
};
const query = (place: object, value: unknown): string | undefined => {
  const target = made({ method: 'GET', path: '/', query: [{ argument: 'a', ...place }] }, { a: value });
  return target.ok ? target.path.slice(2) : target.detail;
};
const wrong = (config: object): string => httpHandlerConfig.safeParse(config).error?.issues[0]?.message ?? '';

test.each([
  [{}, ['x', 'y'], 'a=x&a=y'],
  [{ name: 'b[]' }, ['x'], 'b%5B%5D=x'],
  [{ style: 'form', explode: false }, ['x,1', 'y'], 'a=x%2C1,y'],
  [{ style: 'spaceDelimited' }, ['x', 'y'], 'a=x%20y'],
  [{ style: 'pipeDelimited' }, ['x', 'y'], 'a=x%7Cy'],
  [{ style: 'pipeDelimited', explode: true }, ['x', 'y'], 'a=x&a=y'],
  [
    { style: 'deepObject' },
    { b: 1, c: { d: 'e' }, f: [1, 2] },
    'a%5Bb%5D=1&a%5Bc%5D%5Bd%5D=e&a%5Bf%5D%5B%5D=1&a%5Bf%5D%5B%5D=2',
  ],
  [{ style: 'form' }, { b: 1, c: 'x y' }, 'b=1&c=x%20y'],
  [{ style: 'form', explode: false }, { b: 1, c: 2 }, 'a=b,1,c,2'],
  [{ style: 'json' }, { b: [1] }, 'a=%7B%22b%22%3A%5B1%5D%7D'],
  [{}, { b: 1 }, 'a=%7B%22b%22%3A1%7D'],
])('in the query, %j writes %j', (place, value, expected) => {
  expect(query(place, value)).toBe(expected);
});

test('scalars in an array are a path segment with commas, and none of them leaves it', () => {
  const config = { method: 'GET', path: '/p/{ids}' };
  expect(made(config, { ids: [1, 'a,b'] })).toMatchObject({ ok: true, path: '/p/1,a%2Cb' });
  expect(made(config, { ids: ['..'] })).toMatchObject({ ok: false });
});

test('an argument is sent as a header, and is one header whatever it says', () => {
  const config = { method: 'GET', path: '/', header_arguments: [{ argument: 'trace', name: 'X-Trace' }] };
  expect(made(config, { trace: 'abc', q: 1 })).toMatchObject({ path: '/?q=1', headers: ['x-trace', 'abc'] });
  expect(made(config, {})).not.toHaveProperty('headers');
  for (const trace of ['a\r\nHost: b', '', ' a', 'ü', {}, '{{secret:KEY}}', 'x'.repeat(1025)]) {
    expect(made(config, { trace }), JSON.stringify(trace)).toMatchObject({ ok: false });
  }
  for (const name of ['Host', 'X-Forwarded-For', 'Content-Type', 'Idempotency-Key', 'a b']) {
    expect(wrong({ ...config, header_arguments: [{ argument: 'a', name }] }), name).not.toBe('');
  }
});

test('an argument whose header or parameter the connector sets is refused, and not dropped unseen', () => {
  const handler = http.handlerConfig.parse({
    method: 'GET',
    path: '/',
    header_arguments: [
      { argument: 'key', name: 'X-Key' },
      { argument: 'accept', name: 'Accept' },
    ],
  });
  const connector = http.connectorConfig.parse({ base_url: 'https://api.example.com', headers: { 'x-key': 'ours' } });
  const request = {
    tenantId: '01900000-0000-7000-8000-000000000001',
    toolName: 'x',
    handlerKind: 'http',
    handlerConfig: handler,
    connector: null,
    arguments: { key: 'theirs', accept: 'text/csv' },
    argumentsCanonical: Buffer.from('{}'),
  };
  const none = egressExceptions([]);
  expect(http.prepare(handler, connector, request, none)).toMatchObject({
    kind: 'refused',
    code: 'invalid_arguments',
    detail: expect.stringContaining('"key" is set by the connector'),
  });
  const { key: _, ...others } = request.arguments;
  const prepared = http.prepare(handler, connector, { ...request, arguments: others }, none) as unknown as {
    request: { headers: string[] };
  };
  expect(prepared.request.headers[prepared.request.headers.indexOf('x-key') + 1]).toBe('ours');
  expect(prepared.request.headers[prepared.request.headers.indexOf('accept') + 1]).toBe('text/csv');
  expect(http.clash!(handler, connector)).toMatchObject({
    member: 'header_arguments',
    message: expect.stringMatching(/the header X-Key itself.*"key"/),
  });
  const oauth = { kind: 'oauth', authorize_url: 'https://a.example', token_url: 'https://a.example', client_id: 'c' };
  const authorized = http.connectorConfig.parse({ base_url: 'https://api.example.com', authorization: oauth });
  expect(http.clash!(handler, authorized)).toBeNull();
  const asking = http.handlerConfig.parse({
    method: 'GET',
    path: '/',
    query: ['q', { argument: 'k', name: 'key' }],
    header_arguments: [{ argument: 'who', name: 'authorization' }],
  });
  expect(http.clash!(asking, authorized)).toMatchObject({ member: 'header_arguments' });
  const keyed = http.connectorConfig.parse({ base_url: 'https://api.example.com', query: { key: 'x' } });
  expect(http.clash!(asking, keyed)).toMatchObject({ member: 'query', message: expect.stringContaining('"k"') });
});

test('a form has a pair for each scalar, as browsers write it', () => {
  const config = {
    method: 'POST',
    path: '/',
    body: {
      as: 'form',
      fields: [
        { argument: 'to', name: 'To' },
        { argument: 'tags', style: 'form', explode: false },
        { argument: 'o', style: 'deepObject' },
      ],
    },
  };
  const args = { to: '+49 30/1', tags: ['a', 'b'], o: { x: 1 }, many: ['1', '2'], text: 'ü & ~*', none: null };
  const body = bodyOf(config, args);
  expect(body).toBe('To=%2B49+30%2F1&tags=a,b&o%5Bx%5D=1&many=1&many=2&text=%C3%BC+%26+%7E*&none=');
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({ To: '+49 30/1', text: 'ü & ~*' });
});

test('a multipart body is the same bytes for the same arguments, and reads as what went in', async () => {
  const config = {
    method: 'POST',
    path: '/',
    body: {
      as: 'multipart',
      fields: [
        { argument: 'file', file: true },
        { argument: 'meta', content_type: 'application/json' },
      ],
    },
  };
  const args = {
    file: { base64: Buffer.from('\0bytes').toString('base64'), filename: 'a "b"\r\n.txt', content_type: 'text/plain' },
    meta: { a: 1 },
    title: 'Ü',
    tags: ['x', 'y'],
  };
  const target = made(config, args);
  expect(made(config, args)).toEqual(target);
  if (!target.ok) throw new Error(target.detail);
  const headers = { 'content-type': target.headers![1]! };
  const form = await new Response(target.body as Uint8Array<ArrayBuffer>, { headers }).formData();
  expect([form.get('title'), form.getAll('tags')]).toEqual(['Ü', ['x', 'y']]);
  const file = form.get('file') as File;
  expect([file.name, file.type, await file.text()]).toEqual(['a "b"\r\n.txt', 'text/plain', '\0bytes']);
  expect(String(form.get('meta'))).toBe('{"a":1}');
  for (const base64 of ['!', 'abc=d', undefined]) {
    expect(made(config, { file: { base64 } })).toMatchObject({ ok: false, detail: expect.stringContaining('base64') });
  }
});

test('one argument is the whole body: any JSON, a text or bytes', () => {
  const one = (as: string, extra = {}): object => ({
    method: 'POST',
    path: '/',
    body: { as, argument: 'it', ...extra },
  });
  expect(bodyOf(one('json'), { it: [1, null] })).toBe('[1,null]');
  expect(bodyOf(one('text'), { it: 'plain' })).toBe('plain');
  expect(bodyOf(one('bytes'), { it: { base64: 'AAEC' } })).toBe('\0\x01\x02');
  expect(made(one('json'), {})).toMatchObject({ ok: false, detail: expect.stringContaining('"it"') });
  expect(made(one('json', { optional: true }), {})).toMatchObject({ ok: true, body: null });
  expect(made(one('json'), { it: 1, more: 2 })).toMatchObject({ ok: false, detail: expect.stringContaining('"more"') });
});

test('a template takes arguments as they are and inside of texts, and secrets only where it names them', () => {
  const template = {
    message: { text: 'To {name}: {text}', to: ['{to}'], note: '{note}', n: '{n}' },
    auth: '{{secret:HOOK_KEY}}',
    fixed: [1, true, null],
  };
  const config = { method: 'POST', path: '/', body: { as: 'json', template } };
  const args = { name: 'A "B"', text: '{{secret:HOOK_KEY}} {to}', to: { a: 1 }, n: 3 };
  const target = made(config, args);
  if (!target.ok) throw new Error(target.detail);
  const named = { path: '/', headers: [], body: target.body, isForm: false };
  const filled = fillSecrets(named, useSecrets(new Map([['HOOK_KEY', 'line"one\n']])));
  if ('kind' in filled) throw new Error(filled.detail);
  // What an argument says stays what it says, also where it looks like the place of a secret or of another argument.
  expect(JSON.parse(filled.body as string)).toEqual({
    message: { text: 'To A "B": {{secret:HOOK_KEY}} {to}', to: [{ a: 1 }], n: 3 },
    auth: 'line"one\n',
    fixed: [1, true, null],
  });
  expect(made(config, { ...args, more: 1 })).toMatchObject({ ok: false, detail: expect.stringContaining('"more"') });
  expect(made(config, { to: 1, n: 1, text: 'x' })).toMatchObject({
    ok: false,
    detail: expect.stringContaining('"name"'),
  });
  expect(http.takes(http.handlerConfig.parse(config))).toEqual({
    needed: ['name', 'text'],
    others: ['name', 'text', 'to', 'note', 'n'],
  });
});

test('a form template encodes what it is given, secrets too', () => {
  const config = {
    method: 'POST',
    path: '/',
    body: { as: 'form', template: { 'grant type': 'x', key: '{{secret:KEY}}', q: 'a {q}' } },
  };
  const target = made(config, { q: '&=' });
  if (!target.ok) throw new Error(target.detail);
  const filled = fillSecrets(
    { path: '/', headers: [], body: target.body, isForm: true },
    useSecrets(new Map([['KEY', 'p&w=d long']])),
  );
  expect(filled).toMatchObject({ body: 'grant+type=x&key=p%26w%3Dd+long&q=a+%26%3D' });
});

test('what does not fit together is refused when it is entered, with the member that does not', () => {
  const post = { method: 'POST', path: '/{id}' };
  expect(wrong({ ...post, query: ['id'] })).toMatch(/has a place already/);
  expect(wrong({ ...post, query: ['a', { argument: 'a', name: 'b' }] })).toMatch(/has a place already/);
  expect(wrong({ ...post, query: 'arguments', body: { as: 'form' } })).toMatch(/list those of the query/);
  expect(wrong({ ...post, body: { as: 'text' } })).toMatch(/is one argument/);
  expect(wrong({ ...post, body: { as: 'form', argument: 'a' } })).toMatch(/made of all arguments/);
  expect(wrong({ ...post, body: { as: 'form', template: { a: {} } } })).toMatch(/a form is/);
  expect(wrong({ ...post, body: { as: 'json', fields: [{ argument: 'a', file: true }] } })).toMatch(/multipart/);
  expect(wrong({ ...post, headers: { 'content-type': 'text/csv' }, body: { as: 'form' } })).toMatch(
    /follows from the body/,
  );
  expect(wrong({ ...post, headers: { 'content-type': 'text/csv' }, body: { as: 'text', argument: 'a' } })).toBe('');
  expect(wrong({ method: 'GET', path: '/', body: { as: 'json' } })).toMatch(/GET has no body/);
});
