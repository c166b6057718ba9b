import { expect, test } from 'vitest';
import { definitionOf } from './definitions.ts';
import { EventStream } from './event-stream.ts';
import { memberText, readMessage } from './messages.ts';
import { disagreeing, paramHeaders } from './param-headers.ts';
import { allowedEnv, parseStdioAllow } from './stdio/allow.ts';
import { matchesTemplate } from './uri-template.ts';

test.each([
  ['{"result":{"a":1.0}}', '{"a":1.0}'],
  [' { "id" : 1 , "result" : [ 1 , 2 ] , "jsonrpc":"2.0"}', '[ 1 , 2 ]'],
  ['{"a":{"result":1},"result":"x,}"}', '"x,}"'],
  ['{"result":725653563933458432}', '725653563933458432'],
  ['{"result":null,"x":{"y":"\\"}"}}', 'null'],
  ['{"result":1,"result":2}', undefined],
  ['{"r\\u0065sult":1}', undefined],
  ['{}', undefined],
])('the text of a member stands as it is: %s', (text, found) => {
  expect(memberText(text, 'result')).toBe(found);
});

test.each([
  'no json',
  '[]',
  '{"jsonrpc":"1.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":"1","result":{}}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":1,"error":"no"}',
  `{"jsonrpc":"2.0","id":"${'x'.repeat(300)}","method":"ping"}`,
  `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(70)}${']'.repeat(70)}}`,
])('what is no message is not read: %s', (text) => expect(readMessage(text)).toBeUndefined());

test('a name with an escape is read as it is, whatever this process has read before', () => {
  JSON.parse('{"a":1,"\\\\":2}');
  const message = readMessage('{"jsonrpc":"2.0","id":1,"result":{"a":1,"\\n":2}}');
  expect(message).toMatchObject({ value: { a: 1, '\n': 2 } });
});

test('an event stream is read in whatever pieces it comes', () => {
  const text =
    ': hello\r\n\r\nevent: message\ndata: {"a":\ndata: "ä"}\r\n\r\nevent: other\ndata: x\n\nid: 3\rdata:y\r\r';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const stream = new EventStream(1000);
    const events: string[] = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...stream.read(bytes.subarray(at, at + size)));
    // The last line break is only known to be one once something follows it.
    events.push(...stream.read(Buffer.from('\n')));
    expect(events, `in pieces of ${size}`).toEqual(['{"a":\n"ä"}', 'y']);
  }
  const short = new EventStream(10);
  expect(() => short.read(Buffer.from('data: more than ten\n'))).toThrow();
  expect(() => new EventStream(10).read(Buffer.from('x'.repeat(11)))).toThrow();
});

test('a long line in small pieces is not gone through again for each of them, and empty lines of data have an end', () => {
  const stream = new EventStream(4 * 1024 ** 2);
  stream.read(Buffer.from(`data: ${'x'.repeat(3_500_000)}`));
  const before = performance.now();
  for (let piece = 0; piece < 2_000; piece += 1) stream.read(Buffer.from('x'));
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(stream.read(Buffer.from('\n\n'))[0]).toHaveLength(3_502_000);
  const empty = new EventStream(1_000);
  expect(() => empty.read(Buffer.from('data:\n'.repeat(1_001)))).toThrow();
});

test.each([
  ['demo://text/{id}', 'demo://text/7', true],
  ['demo://text/{id}', 'demo://text/7/8', false],
  ['demo://text/{id}', 'demo://text/', false],
  ['demo://text/{id}', 'demo://other/7', false],
  ['file:///{+path}', 'file:///a/b', true],
  ['file:///{+path}', 'file:///a/../b', false],
  ['file:///{+path}', 'file:///a/%2e%2e/b', false],
  ['file:///{path}', 'file:///a%2fb', false],
  ['a://{x}/end', 'a://1/end', true],
  ['a://{x}/end', 'a://1/other', false],
  ['a://x{?q,r}', 'a://x?q=1', true],
  ['a://x{?q}', 'a://x', true],
  ['a://{x', 'a://{x', false],
  ['a://plain', 'a://plain', false],
  ['a://{#x}', 'a://#y', false],
])('the template %s makes %s: %s', (template, uri, does) => expect(matchesTemplate(template, uri)).toBe(does));

test('what is pinned of a definition is what people look at, whatever its order', () => {
  const one = definitionOf('tools', { name: 'a', description: 'b', inputSchema: { type: 'object' }, _meta: { x: 1 } })!;
  const same = definitionOf('tools', { inputSchema: { type: 'object' }, description: 'b', name: 'a', icons: [] })!;
  expect(same.pin).toBe(one.pin);
  for (const more of [
    { title: 't' },
    { annotations: { readOnlyHint: true } },
    { outputSchema: {} },
    { description: 'b ' },
  ]) {
    expect(definitionOf('tools', { ...one.value, ...more })!.pin).not.toBe(one.pin);
  }
  expect(definitionOf('tools', { name: 'a', description: '\ud800' })).toBeUndefined();
});

test('a setting that cannot be read says what to write', () => {
  expect(parseStdioAllow('')).toEqual({ ok: true, allow: [] });
  for (const text of ['org_x@node', '*', './server', 'A=1', `${'X'.repeat(70)}=1 node`]) {
    expect(parseStdioAllow(text), text).toMatchObject({ ok: false, message: expect.stringMatching(/^"/) });
  }
  const parsed = parseStdioAllow('node a.mjs; KEY=* LANG=en npx -y @scope/server *\n');
  expect(parsed).toMatchObject({
    allow: [
      { command: 'node', args: ['a.mjs'], more: false, env: {} },
      { command: 'npx', args: ['-y', '@scope/server'], more: true, env: { KEY: null, LANG: 'en' } },
    ],
  });
  if (!parsed.ok) return;
  const allowed = (command: string, args: string[], env = {}) => allowedEnv(parsed.allow, 'x', { command, args, env });
  expect(allowed('node', ['a.mjs'])).toEqual({});
  expect(allowed('node', ['a.mjs', 'more'])).toBeNull();
  expect(allowed('npx', ['-y', '@scope/server', 'x'], { KEY: 'k' })).toEqual({ KEY: 'k', LANG: 'en' });
  expect(allowed('npx', ['-y', '@scope/server'], { LANG: 'de' })).toBeNull();
  expect(allowed('npx', ['-y', '@scope/other'])).toBeNull();
});

test('a header that repeats an argument says what that does, or is none', () => {
  const repeated = [
    { name: 'Region', path: ['region'] },
    { name: 'Depth', path: ['at', 'depth'] },
  ];
  const args = { region: 'Zürich', at: { depth: 7 } };
  const sent = paramHeaders(repeated, args);
  expect(sent).toEqual([
    'mcp-param-region',
    `=?base64?${Buffer.from('Zürich').toString('base64')}?=`,
    'mcp-param-depth',
    '7',
  ]);
  const said = (region?: string, depth?: string) =>
    new Map(Object.entries({ region, depth }).filter((pair): pair is [string, string] => pair[1] !== undefined));
  expect(disagreeing(repeated, args, said(sent[1], '7'))).toBeUndefined();
  expect(disagreeing(repeated, args, said('Zurich', '7'))).toBe('Mcp-Param-Region');
  expect(disagreeing(repeated, args, said('=?base64?WsO8cmljaA?=', '7'))).toBe('Mcp-Param-Region');
  expect(disagreeing(repeated, args, said(sent[1]))).toBe('Mcp-Param-Depth');
  expect(disagreeing(repeated, { region: 'eu' }, said('eu', '7'))).toBe('Mcp-Param-Depth');
  expect(disagreeing(repeated, { region: ['eu'] }, said())).toBeUndefined();
  expect(disagreeing([], args, said('anything'))).toBeUndefined();
});
