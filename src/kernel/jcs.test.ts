import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyJson } from '../../test/arbitraries/json.ts';
import { findVectors } from '../../test/support/vectors.ts';
import { canonicalize, canonicalizeString } from './jcs.ts';
import { parseStrict } from './strict-json.ts';

const testdata = findVectors('jcs/testdata');
const vectors = testdata === undefined ? [] : readdirSync(join(testdata, 'input'));

describe.skipIf(testdata === undefined)('the published JCS vectors', () => {
  const read = (part: string, name: string): string => readFileSync(join(testdata!, part, name), 'utf8');

  test('are there', () => expect(vectors.length).toBeGreaterThan(0));

  test.each(vectors)('%s gives the published text and bytes', (name) => {
    const canonical = canonicalize(JSON.parse(read('input', name)));
    expect(canonical).toBe(read('output', name));
    const hex = read('outhex', name.replace('.json', '.txt')).replaceAll(/\s/g, '');
    expect(Buffer.from(canonical).toString('hex')).toBe(hex);
  });
});

/** RFC 8785, Appendix B: the bits of a double and its text. */
test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
])('the double %s is written %s', (bits, text) => {
  expect(canonicalize(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
});

test('members are sorted by UTF-16 code units, at every level and whatever their names', () => {
  expect(canonicalize({ b: 1, a: { d: 1, c: 2 }, A: [{ z: 1, y: 2 }] })).toBe(
    '{"A":[{"y":2,"z":1}],"a":{"c":2,"d":1},"b":1}',
  );
  // U+10000 begins with D800 and so stands before U+FB33, against the order of code points.
  expect(canonicalize({ '\ufb33': 1, '\u{10000}': 2, é: 3, e: 4 })).toBe('{"e":4,"é":3,"\u{10000}":2,"\ufb33":1}');
  expect(canonicalize({ 10: 1, 9: 2, '': 3, '!': 4, a: { 2: 0, 11: 0 } })).toBe(
    '{"":3,"!":4,"10":1,"9":2,"a":{"11":0,"2":0}}',
  );
  expect(canonicalize(JSON.parse('{"b":1,"__proto__":2,"a":3}'))).toBe('{"__proto__":2,"a":3,"b":1}');
});

test('strings are escaped as little as the RFC asks', () => {
  expect(canonicalize('\u0000\b\t\n\f\r\u001f"\\/\u007f€\u2028😀')).toBe(
    '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f€\u2028😀"',
  );
  expect(canonicalizeString('a"b')).toBe('"a\\"b"');
  expect(canonicalize(['\\ud800', { '\\udead': 1 }])).toBe('["\\\\ud800",{"\\\\udead":1}]');
});

test('objects without a prototype and frozen ones are fine, and nothing is changed', () => {
  const value = Object.freeze({ b: 1, a: Object.freeze([Object.assign(Object.create(null), { z: 1, y: 2 })]) });
  expect(canonicalize(value)).toBe('{"a":[{"y":2,"z":1}],"b":1}');
  expect(Object.keys(value)).toEqual(['b', 'a']);
});

test('what JSON cannot say is a fault', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = [cyclic];
  const holes = new Array(2);
  const wrong = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    () => 1,
    Symbol('s'),
    1n,
    new Date(0),
    new Map(),
    cyclic,
    holes,
  ];
  for (const value of [...wrong, '\ud800', { '\udc00': 1 }, { toJSON: () => 1 }, Object('boxed')]) {
    expect(() => canonicalize(value)).toThrow(TypeError);
    expect(() => canonicalize({ a: [value] })).toThrow(TypeError);
  }
  expect(() => canonicalizeString('\ud800')).toThrow(TypeError);
});

test('canonical text is read back as the value it stands for, and is canonical itself', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = canonicalize(value);
      const parsed = parseStrict(text);
      expect(parsed).toEqual({ ok: true, value });
      expect(canonicalize(parsed.ok ? parsed.value : undefined)).toBe(text);
      expect(JSON.parse(text)).toEqual(value);
    }),
  );
});

test('the order of members does not show', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, reversed(inner)]),
    );
  };
  fc.assert(
    fc.property(anyJson, (value) => {
      expect(canonicalize(reversed(value))).toBe(canonicalize(value));
    }),
  );
});
