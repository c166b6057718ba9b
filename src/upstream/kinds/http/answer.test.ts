import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scrubOutcome } from '../../secrets/scrub-outcome.ts';
import { createScrubber } from '../../secrets/scrubber.ts';
import { interpretAnswer, KEPT_BYTES } from './answer.ts';

const JSON_TYPE = 'application/json';

async function outcomeOf(body: string | Buffer, type = JSON_TYPE, status = 200, headers: Record<string, string> = {}) {
  const answer = { kind: 'answer', status, body: Buffer.from(body), truncated: false } as const;
  return interpretAnswer({ ...answer, headers: { 'content-type': type, ...headers } }, 1024 * 1024);
}

/** Texts that a parser of ours would read as something else, or write differently. */
const AS_THEY_ARE: readonly string[] = [
  '{"id":725653563933458432}',
  '{"id":-9007199254740993,"n":[18446744073709551615,0.1000000000000000055511151231257827]}',
  '[1.0,1e2,1E+2,-0,-0.0,0.0,1e400,-1e400,1e-400]',
  '{"b":1,"a":2,"10":3,"9":4}',
  '{"a":1,"a":2}',
  '{"__proto__":{"a":1},"constructor":null}',
  '{"a":"\\u0041\\/\\u00e4ä","b":"\\ud800","c":"\\u0000","d":"\u2028\u2029"}',
  '  {\r\n\t"a" : [ ] }\n',
  '725653563933458432',
  '"x"',
  'null',
];

test.each(AS_THEY_ARE)('what came is what is given, to the byte: %j', async (text) => {
  expect(await outcomeOf(text)).toEqual({ kind: 'executed', result: text, httpStatus: 200 });
  expect(await outcomeOf(text, '')).toMatchObject({ result: text });
  expect(await outcomeOf(text, 'application/vnd.api+json; charset=iso-8859-1')).toMatchObject({ result: text });
  const encoded = gzipSync(text);
  expect(await outcomeOf(encoded, JSON_TYPE, 200, { 'content-encoding': 'gzip' })).toMatchObject({ result: text });
  expect(await outcomeOf(text, JSON_TYPE, 409)).toEqual({
    kind: 'failed',
    code: 'upstream_error',
    message: 'The upstream answered 409.',
    error: `{"code":"upstream_error","message":"The upstream answered 409.","http_status":409,"body":${text}}`,
  });
});

test('a byte order mark is no part of a JSON text; of other text it is', async () => {
  expect(await outcomeOf('\ufeff{"a":1.0}')).toMatchObject({ result: '{"a":1.0}' });
  expect(JSON.parse(((await outcomeOf('\ufeffx', 'text/plain')) as { result: string }).result)).toMatchObject({
    text: '\ufeffx',
  });
});

test.each([
  ['two documents', '{"a":1}{"b":2}'],
  ['one document a line', '{"a":1}\n{"b":2}\n'],
  ['a comment', '{"a":1}//'],
  ['a trailing comma', '[1,]'],
  ['a number that is none', '{"a":NaN}'],
  ['a leading zero', '[01]'],
  ['single quotes', "{'a':1}"],
  ['a control character in a string', '"a\u0001b"'],
  ['a no-break space around it', '\u00a0{}'],
  ['text that would close the envelope', '1},"status":"executed","x":{"a":1'],
  ['nesting beyond 64', '['.repeat(65) + ']'.repeat(65)],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ['latin1', Buffer.from('{"a":"\xe4"}', 'latin1')],
  ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
])('%s says JSON and is none: it is marked, and the answer around it stays JSON', async (_, body) => {
  const outcome = await outcomeOf(body);
  expect(outcome).toMatchObject({ kind: 'executed', note: 'invalid_json' });
  expect(JSON.parse((outcome as { result: string }).result)).toMatchObject({ note: 'invalid_json' });
});

test('no cut leaves the beginning of a secret, in no charset, and no header does', async () => {
  const value = 'a-secret-value-of-some-length';
  const scrubber = createScrubber(new Map([['KEY', value]]));
  const read = async (body: Buffer, headers: Record<string, string>, truncated: boolean) => {
    const answer = { kind: 'answer', status: 200, body, truncated, headers } as const;
    return JSON.stringify(await scrubOutcome(await interpretAnswer(answer, KEPT_BYTES * 2, scrubber), scrubber));
  };
  for (const charset of ['utf-8', 'utf-16le'] as const) {
    const encode = (text: string): Buffer => Buffer.from(text, charset === 'utf-8' ? 'utf8' : 'utf16le');
    for (const left of [3, 8, 20]) {
      const before = encode('.'.repeat(KEPT_BYTES));
      const body = Buffer.concat([before.subarray(0, KEPT_BYTES - encode(value.slice(0, left)).length), encode(value)]);
      for (const type of ['application/json', 'text/plain']) {
        const rest = Buffer.concat([body, encode('.'.repeat(1000))]);
        const cut = await read(rest, { 'content-type': `${type}; charset=${charset}` }, true);
        expect(cut, `${charset} ${type}`).not.toContain(value.slice(0, 3));
        expect(cut).toContain('....');
        const whole = await read(rest, { 'content-type': `${type}; charset=${charset}` }, false);
        expect(whole, `${charset} ${type}`).not.toContain(value.slice(0, 3));
      }
    }
  }
  for (const name of ['content-type', 'content-encoding']) {
    const told = await read(Buffer.from('x'), { [name]: `${'x'.repeat(195)}${value}` }, false);
    expect(told, name).not.toContain(value.slice(0, 3));
  }
});
