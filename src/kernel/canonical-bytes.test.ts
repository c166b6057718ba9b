import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { payload } from '../../bench/payload.ts';
import { anyJsonObject, anyText } from '../../test/arbitraries/json.ts';
import { findVectors } from '../../test/support/vectors.ts';
import { canonicalBytes } from './canonical-bytes.ts';
import { canonicalize } from './jcs.ts';
import { type JsonLimits, type JsonObject, parseStrictBytes, WIRE_LIMITS } from './strict-json.ts';

/** What is expected of any source: either nothing, or what the careful way says. Returns whether it was accepted. */
function agrees(source: string | Uint8Array, limits: JsonLimits = WIRE_LIMITS): boolean {
  const bytes = Buffer.from(source as string);
  const result = canonicalBytes(bytes, limits);
  if (result === undefined) return false;
  const parsed = parseStrictBytes(bytes, limits);
  expect(parsed).toMatchObject({ ok: true });
  const value = (parsed.ok ? parsed.value : undefined) as JsonObject;
  expect(result.bytes.toString()).toBe(canonicalize(value));
  expect(result.members.map(({ key }) => key)).toEqual(Object.keys(value).sort());
  for (const { key, start, end } of result.members) {
    expect(result.bytes.toString('utf8', start, end)).toBe(canonicalize(value[key]));
  }
  return true;
}

const canonical = (source: string): string | undefined => canonicalBytes(Buffer.from(source))?.bytes.toString();
const python = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .replaceAll(/\n */g, ' ')
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const nested = (depth: number, open: string, inner: string, close: string): string =>
  open.repeat(depth) + inner + close.repeat(depth);

test.each([
  ['{}', '{}'],
  [' {\t} \r\n', '{}'],
  ['{"b": [ 1 , true,false , null, {} , [ ] ], "a" :"x"}', '{"a":"x","b":[1,true,false,null,{},[]]}'],
  ['{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":{"":0}}', '{"a":{"":0},"b":{"c":[{"e":2,"f":1}],"d":1}}'],
  ['{"abc":1,"ab":2,"abcde":3,"abcd":4,"a":5,"":6,"abcd ":7,"ab!":8}'],
  ['{"10":1,"9":2,"constructor":3,"toString":4,"__proto":5,"__proto_":6,"__proto___":7,"__Proto__":8}'],
  ['{"\ufb33":1,"\u{10000}":2,"é":3,"e":4,"\u{10ffff}":5,"\uffff":6,"\ue000":7,"\ud7ff":8}'],
  ['{"abcd\ue000":1,"abcd\u{10000}":2,"ab\uffff":3,"ab\u{10ffff}":4,"abc\ue000":5,"abc\u{10000}":6,"abc\ud7ff":7}'],
  ['{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t/"}', '{"a":"\\"\\\\/\\b\\f\\n\\r\\t/"}'],
  [
    '{"a":"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\\u007f\\u0080\\u07ff\\u0800\\uffff"}',
    '{"a":"Aé€😀\u007f\u0080߿ࠀ\uffff"}',
  ],
  ['{"a":"\\u0000\\u0008\\u0009\\u000A\\u000b\\u000C\\u000d\\u001F\\u0022\\u005c\\u002f\\u0020"}'],
  ['{"a":"0\\\\u0041\\\\\\"","b":"\\\\"}'],
])('gives the canonical form of %j', (source, expected?: string) => {
  expect(agrees(source)).toBe(true);
  if (expected !== undefined) expect(canonical(source)).toBe(expected);
});

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['-0.0', '0'],
  ['-0.00000', '0'],
  ['0e5', '0'],
  ['-1', '-1'],
  ['1.0', '1'],
  ['10.00', '10'],
  ['-10.50', '-10.5'],
  ['0.1', '0.1'],
  ['0.001', '0.001'],
  ['0.000001', '0.000001'],
  ['0.0000010', '0.000001'],
  ['0.0000001', '1e-7'],
  ['1e-7', '1e-7'],
  ['1E3', '1000'],
  ['1e15', '1000000000000000'],
  ['1.5e+1', '15'],
  ['5e-324', '5e-324'],
  ['-1e-999', '0'],
  ['999999999999999', '999999999999999'],
  ['1234567890123456', '1234567890123456'],
  ['9007199254740991', '9007199254740991'],
  ['-9007199254740991', '-9007199254740991'],
  ['9007199254740990.7', '9007199254740991'],
  ['12345678901.2345', '12345678901.2345'],
  ['12345678901.23456', '12345678901.23456'],
  ['12345678901.234567', '12345678901.234568'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['0.10000000000000000555', '0.1'],
  ['0.123456789012345', '0.123456789012345'],
  ['333333333.33333329', '333333333.3333333'],
  ['4.9e-7', '4.9e-7'],
])('writes the number %s as %s', (number, expected) => {
  for (const end of ['', ' ', ',2', '\n']) expect(agrees(`{"a":[${number}${end}]}`)).toBe(true);
  expect(canonical(`{"a":${number}}`)).toBe(`{"a":${expected}}`);
});

test.each([
  ...['', ' ', '{', '}', '{}}', '{} {}', '{}x', '{}\u0000', '\ufeff{}', 'null', '"a"', '1', '[]', '[{}]', '{a:1}'],
  ...['{"a"}', '{"a":}', '{"a":1,}', '{,}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a":1]', '{"a":[1}}', '{"a":[1,]}'],
  ...['{"a":[,1]}', '{"a":[1 2]}', '{"a":tru}', '{"a":nul', '{"a":fals}', '{"a":falsy}', '{"a":truex}', '{"a":True}'],
  ...['{"a":"', '{"a":"x', '{"a":"\\', '{"a":"\\"', '{"a":"\\u', '{"a":"\\u00', '{"a":"\\u00"}', '{"a":"\\u00g0"}'],
  ...[
    '{"a":"\\x41"}',
    '{"a":"\\U0041"}',
    '{"a":"\n"}',
    '{"a":"\u0000"}',
    '{"a":"\u001f"}',
    '{"\t":1}',
    '{"a":1\u00a0}',
  ],
  ...['{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"a":"\\ud800x"}', '{"a":"\\ud83d\\u0041"}'],
  ...['{"a":"\\ud83d\\ud83d"}', '{"a":"\\ud83d\\n"}', '{"a":"\\udc00\\udc00"}', '{"a":"\\ud83d', '{"a":"\\ud83d\\u'],
  ...['{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '{"":0,"":0}', '{"abcde":1,"abcd":2,"abcde":3}', '{"é":1,"e":2,"é":3}'],
  ...['{"__proto__":1}', '{"a":{"b":1,"__proto__":{}}}', '{"a\\n":1}', '{"\\u0061":1}'],
])('leaves %j to the careful way', (source) => {
  expect(canonical(source)).toBeUndefined();
});

test.each([
  ...['01', '-', '-a', '.5', '+1', '1.', '-.5', '1.e5', '1e', '1e+', '1e5.5', '1e5e5', '1.5.3', '1-2', '0x10', 'NaN'],
  ...['00', '-01', '0.0000.', '0.00001e', '12345678901234567.', '12345678901234567-1', '1e5\u00a0', 'Infinity'],
  ...['9007199254740992', '-9007199254740992', '9007199254740993', '1e20', '1e21', '1e400', '1.7976931348623157e308'],
])('leaves the number %s to the careful way', (number) => {
  for (const source of [`{"a":${number}}`, `{"a":[${number}]}`, `{"a":[1,${number} ,2]}`, `{"b":${number},"a":0}`]) {
    expect(canonical(source)).toBeUndefined();
    expect(parseStrictBytes(Buffer.from(source)).ok).toBe(false);
  }
});

test('bytes that are not UTF-8, or gone, are left to the careful way', () => {
  for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
    expect(canonicalBytes(Uint8Array.from([...Buffer.from('{"a":"'), ...wrong, ...Buffer.from('"}')]))).toBeUndefined();
  }
  const gone = new Uint8Array(Buffer.from('{"a":1}'));
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  expect(canonicalBytes(gone)).toBeUndefined();
});

test('two equal keys are found wherever they stand', () => {
  for (const count of [2, 3, 15, 16, 17, 18, 200]) {
    const keys = Array.from({ length: count }, (_, index) => `key ${(index * 7919) % count}`);
    const write = (names: string[]) => `{"a":[{${names.map((name) => `"${name}":0`).join(',')}}]}`;
    expect(agrees(write(keys))).toBe(true);
    expect(agrees(write(keys.toSorted()))).toBe(true);
    for (const at of [0, 1, count >> 1, count - 1]) {
      expect(canonical(write([...keys, keys[at] as string]))).toBeUndefined();
      expect(canonical(write([...keys, keys[at] as string].sort()))).toBeUndefined();
    }
  }
});

test('depth and size are bounded as the careful way bounds them', () => {
  for (const [open, close] of [
    ['{"a":', '}'],
    ['{"b":', ',"a":0}'],
    ['{"a":[', ']}'],
  ] as const) {
    for (const inner of ['0', '{}', '[]', '[{}]']) {
      for (let depth = 1; depth <= 70; depth++) {
        const text = nested(depth, open, inner, close);
        for (const maxDepth of [1, 2, 63, 64, 65]) {
          const accepted = agrees(text, { maxBytes: 10_000, maxDepth });
          expect(accepted).toBe(parseStrictBytes(Buffer.from(text), { maxBytes: 10_000, maxDepth }).ok);
        }
      }
    }
  }
  expect(canonicalBytes(Buffer.from('{}'), { maxBytes: 9, maxDepth: 0 })).toBeUndefined();
  // Deeper than `canonicalize` can write, and without end.
  for (const depth of [512, 513, 100_000]) {
    const limits = { maxBytes: 1_000_000, maxDepth: 1_000_000 };
    expect(canonicalBytes(Buffer.from(nested(depth, '{"a":', '0', '}')), limits) !== undefined).toBe(depth === 512);
  }
  const fit = `{"a":"${'é'.repeat((WIRE_LIMITS.maxBytes - 8) / 2)}"}`;
  expect(agrees(fit)).toBe(true);
  expect(canonical(`${fit} `)).toBeUndefined();
  expect(agrees('{"a":1}', { maxBytes: 7, maxDepth: 1 })).toBe(true);
  expect(agrees('{"a":1}', { maxBytes: 6, maxDepth: 1 })).toBe(false);
  expect(agrees('{"a":1}', { maxBytes: Number.NaN, maxDepth: 1 })).toBe(false);
  expect(agrees('{"a":1}', { maxBytes: 7, maxDepth: Number.NaN })).toBe(false);
});

test('documents as large as the wire allows are sorted too', () => {
  const count = 40_000;
  const wide = Array.from({ length: count }, (_, index) => `"${(index * 7919) % count}":{"b":1,"a":1e3}`).join(',');
  expect(agrees(`{${wide}}`)).toBe(true);
  const long = 'x'.repeat(15_000);
  expect(agrees(nested(64, '{"b":', `"${long}"`, `,"a":"${long}"}`))).toBe(true);
});

test('numbers that grow stay within their room', () => {
  const grown = (count: number) => `{"b":[${Array.from({ length: count }, () => '1e15').join(',')}],"a":1}`;
  expect(agrees(grown(20_000))).toBe(true);
  expect(agrees(grown(200_000))).toBe(false);
  expect(agrees(grown(20_000))).toBe(true);
});

test('the documents of every day are accepted: compact, pretty, and as Python writes them', () => {
  const call = { tool: 'bench.echo', arguments: payload() };
  for (const text of [JSON.stringify(call), JSON.stringify(call, null, 2), python(call), canonicalize(call)]) {
    expect(agrees(text)).toBe(true);
    expect(canonical(text)).toBe(canonicalize(call));
  }
});

test('a result is not touched by later calls, nor by what becomes of its source', () => {
  const source = Buffer.from('{"b":"first","a":[1,2,3]}');
  const first = canonicalBytes(source);
  source.fill(0);
  for (let call = 0; call < 100; call++) {
    canonicalBytes(Buffer.from(`{"b":"${'second'.repeat(call)}","a":${call}}`));
    canonicalBytes(Buffer.from('{"b":"third","a":'));
  }
  expect(first?.bytes.toString()).toBe('{"a":[1,2,3],"b":"first"}');
});

const testdata = findVectors('jcs/testdata');

test.skipIf(testdata === undefined)('the published JCS vectors that it accepts are given their published bytes', () => {
  const vectors = readdirSync(join(testdata!, 'input'));
  const accepted = vectors.filter((name) => {
    const source = readFileSync(join(testdata!, 'input', name));
    const result = canonicalBytes(source);
    if (result !== undefined) expect(result.bytes).toEqual(readFileSync(join(testdata!, 'output', name)));
    return agrees(source);
  });
  // The others have an array at the root, escapes in keys, or numbers that the wire refuses.
  expect(accepted).toEqual(['french.json', 'unicode.json']);
});

/** Writes a document in one of its many ways, as the choices have it: white space, order, escapes, numbers. */
function spell(value: unknown, random: Iterator<number>): string {
  const choose = (count: number): number => (random.next().value as number) % count;
  const oneOf = (...texts: string[]): string => texts[choose(texts.length)] as string;
  const space = (): string => (choose(5) > 0 ? '' : oneOf(' ', '\n', '\t', '\r\n  '));
  const hex = (unit: string): string => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${oneOf(digits, digits.toUpperCase())}`;
  };
  const character = (text: string): string => {
    if (choose(5) === 0) return text.split('').map(hex).join('');
    return text === '/' ? oneOf('/', '\\/') : JSON.stringify(text).slice(1, -1);
  };
  const number = (of: number): string => {
    const [text, exponential] = [String(of), of.toExponential()];
    const longer = text.includes('e') ? text : text.includes('.') ? `${text}00` : `${text}.0`;
    return oneOf(text, text, text, longer, exponential, exponential.replace('e+', 'E'), of === 0 ? '-0' : text);
  };
  const shuffled = (texts: string[]): string[] =>
    texts
      .map((text) => ({ text, place: choose(100) }))
      .sort((a, b) => a.place - b.place)
      .map(({ text }) => text);
  const write = (inner: unknown): string => {
    if (typeof inner === 'string') return `"${Array.from(inner, character).join('')}"`;
    if (typeof inner === 'number') return number(inner);
    if (typeof inner !== 'object' || inner === null) return String(inner);
    if (Array.isArray(inner)) return `[${inner.map(spaced).join(',')}${space()}]`;
    const members = Object.entries(inner).map(
      ([key, item]) => `${space()}${JSON.stringify(key)}${space()}:${spaced(item)}`,
    );
    return `{${shuffled(members).join(',')}${space()}}`;
  };
  const spaced = (inner: unknown): string => space() + write(inner) + space();
  return spaced(value);
}

const choices = fc.infiniteStream(fc.nat({ max: 999 }));

function hasEscapedKey(value: unknown): boolean {
  let found = false;
  JSON.stringify(value, (key, inner) => {
    found ||= JSON.stringify(key) !== `"${key}"`;
    return inner;
  });
  return found;
}

test('a document is given its canonical form, however it is spelt', () => {
  fc.assert(
    fc.property(anyJsonObject, choices, (value, random) => {
      const text = spell(value, random);
      expect(parseStrictBytes(Buffer.from(text))).toEqual({ ok: true, value });
      expect(agrees(text)).toBe(!hasEscapedKey(value));
    }),
    { numRuns: 2_000 },
  );
});

test('keys are sorted as the careful way sorts them, near ones and far ones', () => {
  const letter = fc.constantFrom('a', 'b', '!', ' ', '~', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}');
  const key = fc
    .tuple(fc.constantFrom('', 'abc', 'abcdefgh'), fc.array(letter, { maxLength: 4 }))
    .map(([head, tail]) => head + tail.join(''));
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 40 }), (keys) => {
      expect(agrees(`{${keys.map((name) => `${JSON.stringify(name)}:"${name}"`).join(',')}}`)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('strings and numbers of every kind keep their value', () => {
  fc.assert(
    fc.property(fc.array(anyText), fc.array(fc.double({ noNaN: true })), (texts, numbers) => {
      expect(agrees(python({ texts }))).toBe(true);
      const small = numbers.filter((number) => Math.abs(number) <= Number.MAX_SAFE_INTEGER);
      expect(agrees(JSON.stringify({ small }))).toBe(true);
      for (const number of small) {
        for (let digits = 1; digits <= 21; digits++) agrees(`{"a":${number.toPrecision(digits)}}`);
        for (let digits = 0; digits <= 20; digits++) agrees(`{"a":${number.toFixed(digits)}}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('what it accepts after random edits, the careful way accepts with the same bytes', () => {
  const scrap = fc.oneof(
    fc.constantFrom(
      ...Array.from('"\\{}[],: \u0000\ufeff\n0-.e'),
      '\\u',
      '\\ud83d',
      '"a":1,',
      '"":',
      '__proto__',
      'true',
    ),
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
  );
  const edit = fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), scrap });
  fc.assert(
    fc.property(anyJsonObject, choices, fc.array(edit, { minLength: 1, maxLength: 3 }), (value, random, edits) => {
      let bytes = Buffer.from(spell(value, random));
      for (const { at, cut, scrap } of edits) {
        const where = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, where), Buffer.from(scrap as string), bytes.subarray(where + cut)]);
      }
      agrees(bytes);
    }),
    { numRuns: 5_000 },
  );
});

test('arbitrary bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void agrees(bytes)));
});
