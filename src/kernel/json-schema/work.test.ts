import { expect, test } from 'vitest';
import { errorsOf, errorsOfA, nest } from '../../../test/arbitraries/schemas.ts';
import type { JsonValue } from '../strict-json.ts';

const TOO_LARGE = [{ path: '$', message: 'are too large to be checked against the schema of this tool' }];

test('patterns that make a backtracking matcher hang give their answer', () => {
  for (const pattern of ['(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^(a?){20}a{20}$']) {
    expect(errorsOfA({ pattern }, `${'a'.repeat(100_000)}!`)).toHaveLength(1);
  }
});

const numbers = Array.from({ length: 200_000 }, (_, i) => i);
const members = Object.fromEntries(numbers.slice(0, 20_000).map((i) => [`key${i}`, i]));
const all = (count: number, schema: unknown): object => ({ allOf: Array.from({ length: count }, () => schema) });

const TOO_MUCH: Record<string, [schema: unknown, value: JsonValue, $defs?: object]> = {
  'many schemas for each of many items': [{ items: all(1_900, { type: 'integer' }) }, numbers],
  'uniqueItems over and over': [all(1_000, { uniqueItems: true }), numbers],
  'uniqueItems of objects over and over': [all(1_000, { uniqueItems: true }), numbers.map((x) => ({ x }))],
  'contains that looks at everything': [all(900, { contains: { const: -1 }, minContains: 0, maxContains: 1 }), numbers],
  'multiples with hundreds of digits': [{ items: { multipleOf: 1e-300 } }, numbers.map((x) => x + 0.1)],
  'lengths counted in code points': [all(1_900, { minLength: 600_000 }), 'é'.repeat(1_000_000)],
  'a large pattern on a long string': [{ pattern: '\\p{L}{900}$' }, 'aé'.repeat(100_000)],
  'many patterns for many names': [
    { patternProperties: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`x${i}$`, true])) },
    members,
  ],
  'many looks at many members': [all(500, { minProperties: 1, additionalProperties: { type: 'integer' } }), members],
  'unevaluatedProperties over many members': [
    { ...all(500, { additionalProperties: true }), unevaluatedProperties: false },
    members,
  ],
  'schemas that lead back twice for each part': [
    { type: 'array', items: { allOf: [{ $ref: '#/properties/a' }, { $ref: '#/properties/a' }] } },
    nest(62, (inner) => [inner], []) as JsonValue,
  ],
  'schemas that lead back through many others': [
    { $ref: '#/$defs/d0' },
    nest(62, (x) => ({ x }), 1) as JsonValue,
    Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [
        `d${i}`,
        i === 24 ? { properties: { x: { $ref: '#/$defs/d0' } } } : { $ref: `#/$defs/d${i + 1}` },
      ]),
    ),
  ],
  'formats of very many texts': [
    { items: { allOf: Array.from({ length: 60 }, () => ({ format: 'idn-hostname' })) } },
    Array.from({ length: 5_000 }, () => 'क्\u200dष'.repeat(5)),
  ],
  'a large value compared over and over': [all(1_900, { const: {} }), [numbers]],
};

test.each(Object.entries(TOO_MUCH))(
  'a payload that takes too much work is refused: %s',
  (_what, [schema, value, $defs = {}]) => {
    expect(errorsOf({ properties: { a: schema }, $defs }, { a: value })).toEqual(TOO_LARGE);
  },
);

test('a large payload that an ordinary schema describes is checked', () => {
  const row = { sku: 'A-1', quantity: 2, price: 19.99, note: 'as agreed' };
  const schema = {
    items: {
      type: 'object',
      properties: {
        sku: { type: 'string', pattern: '^[A-Z]-[0-9]+$' },
        quantity: { type: 'integer', minimum: 1 },
        price: { type: 'number', multipleOf: 0.01 },
        note: { type: 'string', maxLength: 100 },
      },
      required: ['sku'],
      additionalProperties: false,
    },
  };
  const rows = Array.from({ length: 15_000 }, () => row);
  expect(JSON.stringify(rows).length).toBeGreaterThan(900_000);
  expect(errorsOfA(schema, rows)).toEqual([]);
});
