import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyJson } from '../../test/arbitraries/json.ts';
import { canonicalBytes } from './canonical-bytes.ts';
import { hasEscapedName, readJson } from './json-text.ts';
import { decodeUtf8Strict, parseStrict, parseStrictBytes, WIRE_LIMITS } from './strict-json.ts';

const DUPLICATE = 'duplicate key';
const LONE = 'lone surrogate in a string';
const RANGE = 'the integer is outside ±(2^53−1)';
const INFINITE = 'the number is not finite';
const PROTO = 'the key "__proto__" is not allowed';
const nested = (depth: number, inner = ''): string => '['.repeat(depth) + inner + ']'.repeat(depth);

const accepted = (text: string): unknown => {
  const result = parseStrict(text);
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.value : undefined;
};

test.each([
  ['{"a":1,"a":2}', '$.a', DUPLICATE],
  ['{"a":1,"\\u0061":2}', '$.a', DUPLICATE],
  ['{"to":[{"a b":1,"a b":1}]}', '$.to[0]["a b"]', DUPLICATE],
  ['{"a":{"b":1},"c":"\\"","a":{"b":1}}', '$.a', DUPLICATE],
  ['{"\\n":1,"\\u000a":1}', '$["\\u{a}"]', DUPLICATE],
  ['{"":0,"":0}', '$[""]', DUPLICATE],
  ['{"a":"\\ud800"}', '$.a', LONE],
  ['{"a":"\\udc00\\ud800"}', '$.a', LONE],
  ['{"a":"\\ud800x"}', '$.a', LONE],
  ['{"a":"\\uD83Dx"}', '$.a', LONE],
  ['{"\\ud800":1}', '$', LONE],
  ['{"a":"\ud800"}', '$.a', LONE],
  ['{"a":"\ud83d\\ude00"}', '$.a', LONE],
  ['["\udc00"]', '$[0]', LONE],
  ['[9007199254740992]', '$[0]', RANGE],
  ['[9007199254740993]', '$[0]', RANGE],
  ['[-9007199254740992]', '$[0]', RANGE],
  ['{"n":1e20}', '$.n', RANGE],
  ['{"n":9007199254740991.5}', '$.n', RANGE],
  ['[1e400]', '$[0]', INFINITE],
  ['[-1e400]', '$[0]', INFINITE],
  [`[${'9'.repeat(400)}]`, '$[0]', INFINITE],
  ['{"__proto__":{}}', '$.__proto__', PROTO],
  ['{"a":{"\\u005f_proto__":1}}', '$.a.__proto__', PROTO],
  [nested(65), `$${'[0]'.repeat(64)}`, 'nested deeper than 64 levels'],
  ['\ufeff{}', '$', 'starts with a byte order mark'],
  ['', '$', 'the text ends too early'],
  [' ', '$', 'the text ends too early'],
  ['{}x', '$', 'not JSON at character 2'],
  ['{} {}', '$', 'not JSON at character 3'],
  ['{"a":1,}', '$', 'not JSON at character 7'],
  ['{a:1}', '$', 'not JSON at character 1'],
  ["{'a':1}", '$', 'not JSON at character 1'],
  ['{"a" 1}', '$.a', 'not JSON at character 5'],
  ['{"a":', '$.a', 'the text ends too early'],
  ['[1,]', '$[1]', 'not JSON at character 3'],
  ['[1 2]', '$', 'not JSON at character 3'],
  ['["a', '$[0]', 'the text ends inside a string'],
  ['["a\nb"]', '$[0]', 'unescaped control character in a string'],
  ['["a\u0000b"]', '$[0]', 'unescaped control character in a string'],
  ['["\\x41"]', '$[0]', 'unknown escape in a string'],
  ['["\\u12"]', '$[0]', 'unknown escape in a string'],
  ['["\\', '$[0]', 'unknown escape in a string'],
  ['\u0000', '$', 'not JSON at character 0'],
  ['[01]', '$', 'not JSON at character 2'],
  ['[-]', '$[0]', 'not JSON at character 1'],
  ['[.5]', '$[0]', 'not JSON at character 1'],
  ['[+1]', '$[0]', 'not JSON at character 1'],
  ['[0x10]', '$', 'not JSON at character 2'],
  ['[NaN]', '$[0]', 'not JSON at character 1'],
  ['[tru]', '$[0]', 'not JSON at character 1'],
  ['[1]\u00a0', '$', 'not JSON at character 3'],
  ['/**/1', '$', 'not JSON at character 0'],
])('refuses %j at %s: %s', (text, path, reason) => {
  expect(parseStrict(text)).toEqual({ ok: false, path, reason });
});

test('accepts what is JSON, and reads it as JSON.parse does', () => {
  for (const text of [
    '0',
    '"x"',
    'null',
    ' \t\r\n{"a" : [ 1 , 2.50 , -3e-2 ] } \n',
    '[0.1,1e-7,9007199254740991,-9007199254740991,1E2]',
    '{"\\ud83d\\ude00":"😀","q":"\\"\\\\\\/\\b\\f\\n\\r\\t"}',
    '{"a":{"a":{"a":1}},"b":{"a":2}}',
    '{"\\\\":1,"\\"":2}',
    nested(64),
  ]) {
    expect(accepted(text)).toEqual(JSON.parse(text));
  }
});

test('reads -0 as 0, wherever it stands', () => {
  expect(accepted('-0')).toBe(0);
  expect(accepted('{"a":[-0,-0.0,-1e-999],"b":-0}')).toEqual({ a: [0, 0, 0], b: 0 });
});

test('names of object methods are plain data', () => {
  const value = accepted('{"constructor":1,"toString":2,"hasOwnProperty":3,"__defineGetter__":4}');
  expect(Object.entries(value as object)).toHaveLength(4);
});

test('the tree is frozen to its leaves', () => {
  const value = accepted('{"a":[{"b":[]}]}') as { a: [{ b: unknown[] }] };
  for (const part of [value, value.a, value.a[0], value.a[0].b]) expect(Object.isFrozen(part)).toBe(true);
});

test('size is counted in UTF-8 bytes, and the limit itself is allowed', () => {
  const fit = JSON.stringify('é'.repeat((WIRE_LIMITS.maxBytes - 2) / 2));
  expect(parseStrict(fit)).toMatchObject({ ok: true });
  expect(parseStrict(`${fit} `)).toEqual({ ok: false, path: '$', reason: 'larger than 1048576 bytes' });
  expect(parseStrictBytes(Buffer.from(`${fit} `))).toEqual(parseStrict(`${fit} `));
  expect(parseStrict('[[1]]', { ...WIRE_LIMITS, maxBytes: 5, maxDepth: 1 })).toMatchObject({ path: '$[0]' });
});

test('bytes are decoded without mercy and a byte order mark is refused', () => {
  const malformed = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x22, 0xe2, 0x82, 0x22]];
  for (const bytes of malformed) {
    expect(decodeUtf8Strict(Uint8Array.from(bytes))).toEqual({ ok: false, path: '$', reason: 'not UTF-8' });
  }
  const marked = Buffer.from('\ufeff{}');
  expect(parseStrictBytes(marked)).toEqual({ ok: false, path: '$', reason: 'starts with a byte order mark' });
  expect(parseStrictBytes(Buffer.from('{"é":"😀"}'))).toEqual({ ok: true, value: { é: '😀' } });
});

test('nesting without end is refused and does not exhaust the stack', () => {
  expect(parseStrict('['.repeat(1_000_000))).toMatchObject({ reason: 'nested deeper than 64 levels' });
  expect(parseStrict(nested(500_000))).toMatchObject({ reason: 'nested deeper than 64 levels' });
  expect(parseStrict('{"a":'.repeat(200_000))).toMatchObject({ reason: 'nested deeper than 64 levels' });
});

test('a document that JSON.stringify wrote is read back unchanged, pretty or not, as text or as bytes', () => {
  fc.assert(
    fc.property(anyJson, fc.nat({ max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseStrict(text)).toEqual({ ok: true, value });
      expect(parseStrictBytes(Buffer.from(text))).toEqual({ ok: true, value });
    }),
  );
});

/** Texts near JSON: few keys, so that they repeat; odd escapes and numbers; and now and then a random edit. */
const escapedLetter = fc.constantFrom(
  ...['a', 'b', '\\u0061', '\\"', '\\\\', '\\n', '\\ud83d', '\\ude00', '\ud83d', '\ude00', '__proto__', 'é', '\u0001'],
);
const stringText = fc.array(escapedLetter, { maxLength: 3 }).map((letters) => `"${letters.join('')}"`);
const { text: jsonLikeText } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('0', '-0', '1e400', '9007199254740992', '9007199254740991', '1E-3', 'null', 'true', '01', '-'),
    stringText,
    fc.array(tie('text'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(stringText, tie('text')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(',')}}`),
  ),
}));
const edited = fc
  .tuple(jsonLikeText, fc.nat(), fc.constantFrom('', '', '', '"', '{', ']', ',', ':', '\\', ' ', '\n', '1', '\ufeff'))
  .map(([text, at, insert]) => {
    const where = at % (text.length + 1);
    return insert === '' ? text : text.slice(0, where) + insert + text.slice(where);
  });

/** Members with a backslash in their name, after which V8's parser misreads names with escapes (bug 521080746). */
function confuseEngine(): void {
  for (const first of ['', '"a":0,', '"b":0,', '"":0,', '"é":0,', '"to":0,']) {
    for (const name of ['\\\\', '\\\\u006', 'a\\\\', '__proto__\\\\']) JSON.parse(`{${first}"${name}":0}`);
  }
}

test.each([
  ['{"a":1,"\\n":2}', { a: 1, '\n': 2 }],
  ['{"é":1,"\\"":2}', { é: 1, '"': 2 }],
  ['{"to":1,"\\u006dount":2}', { to: 1, mount: 2 }],
  ['{"a":[{"b":1,"\\\\":2,"\\/":3}]}', { a: [{ b: 1, '\\': 2, '/': 3 }] }],
])('no document changes how the names of a later one are read: %j', (text, value) => {
  confuseEngine();
  expect(parseStrict(text)).toEqual({ ok: true, value });
  expect(readJson(text)).toEqual(value);
});

test.each([
  ['{"é": [1],"\\ud83d": ""}', '$', LONE],
  ['{"a":1,"\\ude00":2}', '$', LONE],
  ['{"a": [],"": 0,"\\u0061": ""}', '$.a', DUPLICATE],
  ['{"\\"": {},"\\"": [0]}', '$["\\""]', DUPLICATE],
  ['{"\\n": null,"\\n": {}}', '$["\\u{a}"]', DUPLICATE],
])('no document hides a fault of a later one: %j', (text, path, reason) => {
  confuseEngine();
  expect(parseStrict(text)).toEqual({ ok: false, path, reason });
});

test('what is refused and what is read is what the engine and the reader of bytes say of every text', () => {
  const allowedReasons = [DUPLICATE, LONE, RANGE, INFINITE, PROTO];
  fc.assert(
    fc.property(edited, (text) => {
      const result = parseStrict(text);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (result.ok) expect(isJson).toBe(true);
      else if (isJson) expect(allowedReasons).toContain(result.reason);
      else expect(result.reason).toEqual(expect.any(String));
      if (!text.isWellFormed()) return;
      // A second reader, of bytes, that was written apart. It takes objects without escapes in names.
      const plain = canonicalBytes(Buffer.from(text));
      const isObject = result.ok && typeof result.value === 'object' && result.value !== null;
      if (plain !== undefined) expect(result).toEqual({ ok: true, value: JSON.parse(plain.bytes.toString()) });
      else if (isObject && !Array.isArray(result.value)) expect(hasEscapedName(text)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('a text of any names is read as the value it was written from', () => {
  const letter = fc.constantFrom('a', 'b', '"', '\\', '\n', 'u', '0', '6', '1', 'd', 'é', '/', '\u{1f600}');
  const name = fc.array(letter, { maxLength: 4 }).map((letters) => letters.join(''));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.nat({ max: 9 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.uniqueArray(fc.tuple(name, tie('tree')), { maxLength: 4, selector: ([key]) => key }).map(Object.fromEntries),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.boolean(), (value, asEscapes) => {
      const plain = JSON.stringify(value);
      const text = asEscapes
        ? plain.replace(/(?<!\\)[ab]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`)
        : plain;
      fc.pre(asEscapes ? !plain.includes('\\') : true);
      expect(parseStrict(text)).toEqual({ ok: true, value });
      expect(readJson(text)).toEqual(value);
    }),
    { numRuns: 2_000 },
  );
});

test.each<[text: string, value: unknown]>([
  ['1e400', Number.POSITIVE_INFINITY],
  ['{"a\\n":9007199254740993,"b":[-0,-0.0]}', { 'a\n': 9007199254740992, b: [-0, -0] }],
  ['{"\\n":1,"\\n":2}', { '\n': 2 }],
  ['{"x\\n":"\\ud800"}', { 'x\n': '\ud800' }],
  ['"a\\n"', 'a\n'],
  [
    '{"__proto__":1,"\\n":2}',
    Object.fromEntries([
      ['__proto__', 1],
      ['\n', 2],
    ]),
  ],
])('texts that were not checked are read as JavaScript reads them: %s', (text, value) => {
  expect(readJson(text)).toStrictEqual(value);
});

test('what is not JSON is an error, with and without escapes in names', () => {
  for (const text of ['{"\\n":1', '{"\\n":1}x', '', '{"\\x":1}', '{'])
    expect(() => readJson(text)).toThrow(SyntaxError);
});

/** A document of the wire's size that holds as many parts as fit, or `most`. */
function fill(part: (index: number) => string, [open, close]: readonly [string, string], most = Infinity): string {
  const parts: string[] = [];
  let room = WIRE_LIMITS.maxBytes - 20;
  for (let index = 0; index < most; index++) {
    const text = part(index);
    room -= text.length + 1;
    if (room < 0) break;
    parts.push(text);
  }
  return `${open}${parts.join(',')}${close}`;
}
const ARRAY = ['{"a":[', ']}'] as const;
const OBJECT = ['{"a":{', '}}'] as const;
const ESCAPED = ['{"\\n":[', ']}'] as const;

const TOO_MANY_VALUES = 'more than 50000 values';
const TOO_MANY_NAMES = 'more than 5000 different names of members';

test.each<[what: string, part: (index: number) => string, reason: string]>([
  ['zeros', () => '0', TOO_MANY_VALUES],
  ['empty arrays', () => '[]', TOO_MANY_VALUES],
  ['empty objects', () => '{}', TOO_MANY_VALUES],
  ['records of two members', () => '{"b":0,"a":0}', TOO_MANY_VALUES],
  ['numbers that grow', () => '1e15', TOO_MANY_VALUES],
  ['deep records out of order', () => `${'{"b":'.repeat(60)}0${',"a":0}'.repeat(60)}`, TOO_MANY_VALUES],
  ['records with names of their own', (index) => `{"${index.toString(36)}":0}`, TOO_MANY_NAMES],
])('the work that a document of 1 MiB makes is bounded by what it holds: %s', (_what, part, reason) => {
  for (const around of [ARRAY, ESCAPED]) {
    const text = fill(part, around);
    expect(canonicalBytes(Buffer.from(text))).toBeUndefined();
    expect(parseStrict(text)).toEqual({ ok: false, path: '$', reason });
  }
});

test.each<[what: string, name: (index: number) => string]>([
  ['in order', (index) => index.toString(36).padStart(5, '0')],
  ['out of order', (index) => ((index * 7919) % 100_003).toString(36)],
  ['numbers', (index) => String((index * 7919) % 100_003)],
  ['numbers beyond an index', (index) => String(index * 4_294_967_295)],
  ['a long common start', (index) => 'x'.repeat(100) + index],
  ['with an escape', (index) => `\\n${index}`],
])('so are the names in one object: %s', (_what, name) => {
  const { maxNames } = WIRE_LIMITS;
  const member = (index: number): string => `"${name(index)}":0`;
  // "a" is one of the names.
  const fits = fill(member, OBJECT, maxNames - 1);
  expect(parseStrict(fits)).toMatchObject({ ok: true });
  const escaped = fits.includes('\\');
  expect(canonicalBytes(Buffer.from(fits)) === undefined).toBe(escaped);
  const beyond = fill(member, OBJECT, maxNames);
  expect(parseStrict(beyond)).toEqual({ ok: false, path: '$', reason: TOO_MANY_NAMES });
  expect(canonicalBytes(Buffer.from(beyond))).toBeUndefined();
  // The same names again and again are no new ones.
  const rows = fill((index) => `{${member(index % 1_000)},"quantity":1}`, ARRAY, 16_000);
  expect(parseStrict(rows)).toMatchObject({ ok: true });
  expect(canonicalBytes(Buffer.from(rows)) === undefined).toBe(escaped);
});
