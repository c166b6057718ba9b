import { expect, test } from 'vitest';
import { httpHandlerConfig } from './config.ts';
import { planRequest, targetOf } from './target.ts';

/** The target with its body as text. */
const target = (config: object, args: Record<string, unknown>, path = '/v1') => {
  const prefix = { path, query: '', names: [] };
  const made = targetOf(planRequest(httpHandlerConfig.parse(config)), prefix, args, Buffer.from(JSON.stringify(args)));
  return made.ok && made.body !== null ? { ...made, body: Buffer.from(made.body as Uint8Array).toString() } : made;
};

test('without placeholders the body is the canonical text, byte for byte', () => {
  const plan = planRequest(httpHandlerConfig.parse({ method: 'POST', path: '/mail' }));
  const canonical = Buffer.from('{"a":1,"b":"ü"}');
  expect(targetOf(plan, { path: '', query: '', names: [] }, { b: 'ü', a: 1 }, canonical)).toEqual({
    ok: true,
    path: '/mail',
    body: canonical,
  });
});

test('a placeholder takes its argument out of the body, percent-encoded', () => {
  expect(target({ method: 'PUT', path: '/pages/{id}/x' }, { id: 'a b/ü?#&', title: 't' })).toEqual({
    ok: true,
    path: '/v1/pages/a%20b%2F%C3%BC%3F%23%26/x',
    body: '{"title":"t"}',
  });
  expect(target({ method: 'PATCH', path: '/p/{id}' }, { id: 7 })).toEqual({ ok: true, path: '/v1/p/7', body: '{}' });
});

test('GET and DELETE send the remaining arguments in the query', () => {
  expect(
    target(
      { method: 'GET', path: '/s/{id}' },
      { id: 1, q: 'a&b=c', n: 2, ok: true, none: null, tags: ['x', 'y'], o: { a: 1 } },
    ),
  ).toEqual({
    ok: true,
    path: '/v1/s/1?q=a%26b%3Dc&n=2&ok=true&none=&tags=x&tags=y&o=%7B%22a%22%3A1%7D',
    body: null,
  });
  expect(target({ method: 'DELETE', path: '/r/{id}' }, { id: 'r_1' })).toEqual({
    ok: true,
    path: '/v1/r/r_1',
    body: null,
  });
  expect(target({ method: 'DELETE', path: '/r', body: 'arguments' }, { id: 'r_1' })).toMatchObject({
    path: '/v1/r',
    body: '{"id":"r_1"}',
  });
});

test('a query list takes those arguments only; the rest is the body', () => {
  expect(target({ method: 'POST', path: '/s', query: ['q'] }, { a: 1, q: 'x' })).toEqual({
    ok: true,
    path: '/v1/s?q=x',
    body: '{"a":1}',
  });
  expect(target({ method: 'POST', path: '/s', query: ['q'] }, { a: 1 })).toEqual({
    ok: true,
    path: '/v1/s',
    body: '{"a":1}',
  });
  expect(target({ method: 'POST', path: '/s', query: 'arguments' }, { a: 1 })).toEqual({
    ok: true,
    path: '/v1/s?a=1',
    body: null,
  });
});

test('an argument that has no place is refused, because what is approved is what is sent', () => {
  for (const [config, args] of [
    [{ method: 'POST', path: '/s', body: 'none' }, { a: 1 }],
    [
      { method: 'POST', path: '/s/{id}', body: 'none' },
      { id: 1, a: 1 },
    ],
    [
      { method: 'GET', path: '/s', query: ['q'] },
      { a: 1, q: 'x' },
    ],
    [{ method: 'GET', path: '/s', query: [] }, { a: 1 }],
  ] as const) {
    expect(target(config, args)).toEqual({ ok: false, detail: 'The request has no place for the argument "a".' });
  }
  expect(target({ method: 'POST', path: '/s', body: 'none' }, {})).toEqual({ ok: true, path: '/v1/s', body: null });
  expect(target({ method: 'GET', path: '/s', query: ['q'] }, { q: 'x' })).toEqual({
    ok: true,
    path: '/v1/s?q=x',
    body: null,
  });
});

test.each([
  '..',
  '.',
  '../admin',
  'a/../../b',
  '..\\admin',
  '%2e%2e',
  '%2e%2e%2fadmin',
  '%252e%252e',
  '..%2f',
  '..;x',
  'a/..',
  '\0',
  'a\r\nHost: b',
  '\u007f',
  '%00',
  '',
  '\ud800',
])('the argument %j cannot lead the path elsewhere', (id) => {
  expect(target({ method: 'GET', path: '/pages/{id}' }, { id })).toMatchObject({ ok: false });
  expect(target({ method: 'GET', path: '/pages/{id}/edit' }, { id })).toMatchObject({ ok: false });
});

test('two harmless arguments cannot make a dot segment together', () => {
  expect(target({ method: 'GET', path: '/a/{x}{y}' }, { x: '.', y: '.' })).toMatchObject({ ok: false });
  expect(target({ method: 'GET', path: '/a/.{x}' }, { x: '.' })).toMatchObject({ ok: false });
});

test.each(['...', 'a..b', '.hidden', 'v1.2', 'http://b.example/', '//b.example', '@b.example', '{x}', '100%'])(
  'the argument %j stays one segment',
  (id) => {
    const made = target({ method: 'GET', path: '/pages/{id}' }, { id });
    expect(made).toEqual({ ok: true, path: `/v1/pages/${encodeURIComponent(id)}`, body: null });
    if (made.ok)
      expect(new URL(made.path, 'https://a.example').href.startsWith('https://a.example/v1/pages/')).toBe(true);
  },
);

test.each([[{}], [{ id: null }], [{ id: {} }], [{ id: [{}] }], [{ id: [] }], [{ id: ['a', ''] }]])(
  'a missing or structured path argument is refused: %j',
  (args) => {
    expect(target({ method: 'GET', path: '/pages/{id}' }, args)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('"id"'),
    });
  },
);

test('a placeholder never reads an inherited property', () => {
  expect(target({ method: 'GET', path: '/pages/{constructor}' }, {})).toMatchObject({ ok: false });
});

test('a URL that servers would not take is refused', () => {
  expect(target({ method: 'GET', path: '/s' }, { q: 'x'.repeat(9000) })).toMatchObject({ ok: false });
  expect(target({ method: 'GET', path: '/s' }, { q: '\udc00' })).toMatchObject({ ok: false });
});

test('no member of an object is a parameter that the connector sets', () => {
  const prefix = { path: '', query: 'api_key=k', names: ['api_key'] };
  const query = [{ argument: 'filter', style: 'form' as const }];
  const plan = planRequest(httpHandlerConfig.parse({ method: 'GET', path: '/s', query }));
  const made = (filter: object) => targetOf(plan, prefix, { filter }, Buffer.from(''));
  expect(made({ a: 1 })).toMatchObject({ path: '/s?api_key=k&a=1' });
  expect(made({ api_key: 'mine' })).toEqual({ ok: false, detail: 'The argument "filter" is set by the connector.' });
});
