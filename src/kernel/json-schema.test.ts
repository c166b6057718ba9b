import { expect, test } from 'vitest';
import { errorsOf, errorsOfA, nest } from '../../test/arbitraries/schemas.ts';
import { compileSchema, SCHEMA_LIMITS } from './json-schema.ts';
import type { JsonValue } from './strict-json.ts';

const refusal = (schema: unknown): unknown => {
  const compiled = compileSchema(schema);
  return compiled.ok ? 'accepted' : { path: compiled.path, reason: compiled.reason };
};
const refusalOfA = (a: unknown): unknown => refusal({ type: 'object', properties: { a } });
test.each([
  [{ type: 'string' }, 1, '$.a', 'must be a string'],
  [{ type: ['integer', 'null'] }, 1.5, '$.a', 'must be an integer or null'],
  [{ enum: ['EUR', 'USD', { x: 1 }] }, 'GBP', '$.a', 'must be one of "EUR","USD",{"x":1}'],
  [{ const: 1 }, 2, '$.a', 'must be 1'],
  [{ minimum: 1 }, 0, '$.a', 'must be at least 1'],
  [{ maximum: 1 }, 2, '$.a', 'must be at most 1'],
  [{ exclusiveMinimum: 1 }, 1, '$.a', 'must be more than 1'],
  [{ exclusiveMaximum: 1 }, 1, '$.a', 'must be less than 1'],
  [{ multipleOf: 0.01 }, 0.075, '$.a', 'must be a multiple of 0.01'],
  [{ minLength: 2 }, '😀', '$.a', 'must be at least 2 characters long'],
  [{ maxLength: 1 }, '😀😀', '$.a', 'must be at most 1 character long'],
  [{ pattern: '^a+$' }, 'b', '$.a', 'must match the pattern ^a+$'],
  [{ minItems: 1 }, [], '$.a', 'must have at least 1 item'],
  [{ maxItems: 2 }, [1, 2, 3], '$.a', 'must have at most 2 items'],
  [{ uniqueItems: true }, [{ x: 1, y: 2 }, 3, { y: 2, x: 1 }], '$.a', 'must not repeat items, and item 2 does'],
  [{ items: { type: 'string' } }, ['x', 1], '$.a[1]', 'must be a string'],
  [{ prefixItems: [{ type: 'string' }], items: false }, ['x', 1], '$.a[1]', 'is not allowed here'],
  [{ contains: { const: 1 }, minContains: 2 }, [1, 2], '$.a', 'must contain at least 2 items that fit'],
  [{ contains: { const: 1 }, maxContains: 1 }, [1, 1], '$.a', 'must contain at most 1 item that fit'],
  [{ required: ['x'] }, {}, '$.a', 'must have the property "x"'],
  [{ properties: {}, additionalProperties: false }, { 'x y': 1 }, '$.a["x y"]', 'is not a property this tool takes'],
  [{ patternProperties: { '^n': { type: 'number' } } }, { n1: 'x' }, '$.a.n1', 'must be a number'],
  [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, '$.a.ab', 'is not an allowed property name'],
  [{ minProperties: 1 }, {}, '$.a', 'must have at least 1 property'],
  [{ maxProperties: 1 }, { x: 1, y: 1 }, '$.a', 'must have at most 1 property'],
  [{ dependentRequired: { x: ['y'] } }, { x: 1 }, '$.a', 'must have the property "y" because "x" is there'],
  [{ dependentSchemas: { x: { required: ['z'] } } }, { x: 1 }, '$.a', 'must have the property "z"'],
  [{ allOf: [{ type: 'number' }, { minimum: 5 }] }, 1, '$.a', 'must be at least 5'],
  [{ anyOf: [{ minimum: 5 }, { maximum: 0 }] }, 1, '$.a', 'must fit at least one of the schemas in "anyOf"'],
  [{ anyOf: [{ type: 'string', maxLength: 1 }, { type: 'null' }] }, 'xy', '$.a', 'must be at most 1 character long'],
  [{ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1, '$.a', 'must fit only one of the schemas in "oneOf"'],
  [{ not: { type: 'number' } }, 1, '$.a', 'must not fit the schema in "not"'],
  [JSON.parse('{"if":{"type":"number"},"then":{"minimum":5}}'), 1, '$.a', 'must be at least 5'],
  [{ if: { type: 'number' }, else: { minLength: 2 } }, 'x', '$.a', 'must be at least 2 characters long'],
  [{ unevaluatedItems: false, prefixItems: [true] }, [1, 2], '$.a[1]', 'is not allowed here'],
  [
    { unevaluatedProperties: false, allOf: [{ properties: { x: true } }] },
    { x: 1, constructor: 2 },
    '$.a.constructor',
    'is not a property this tool takes',
  ],
  [false, 1, '$.a', 'is not allowed here'],
])('%j refuses %j', (schema, value, path, message) => {
  expect(errorsOfA(schema, value as JsonValue)).toEqual([{ path, message }]);
});

test('a reference applies what it points at, beside its neighbours', () => {
  const schema = {
    $defs: { 'na/me~ d': { type: 'string', minLength: 2 } },
    properties: { a: { $ref: '#/$defs/na~1me~0%20d', maxLength: 3 }, b: { $ref: '#/properties/a' } },
  };
  expect(errorsOf(schema, { a: 'ab', b: 'abc' })).toEqual([]);
  expect(errorsOf(schema, { a: 'a', b: 'abcd' }).map(({ path }) => path)).toEqual(['$.a', '$.b']);
});

test('members are own members: what every object inherits is neither there nor allowed', () => {
  expect(errorsOf({ required: ['toString'] }, {})).toHaveLength(1);
  expect(errorsOf({ properties: { toString: { type: 'string' } } }, {})).toEqual([]);
  expect(errorsOf({ properties: {}, additionalProperties: false }, { valueOf: 1 })).toHaveLength(1);
  expect(errorsOf({ dependentRequired: { constructor: ['x'] } }, {})).toEqual([]);
});

test('values are compared as JSON, whatever members they bring', () => {
  const trap = { valueOf: 1, toString: 2, constructor: 3 };
  expect(errorsOfA({ enum: [trap] }, { constructor: 3, toString: 2, valueOf: 1 })).toEqual([]);
  expect(errorsOfA({ enum: [{}] }, trap)).toHaveLength(1);
  expect(errorsOfA({ uniqueItems: true }, [trap, { ...trap }])).toHaveLength(1);
  expect(errorsOfA({ uniqueItems: true }, [1, '1', true, 'true', null, [1], { 0: 1 }])).toEqual([]);
});

test('multiples are exact in decimal', () => {
  for (const [value, divisor] of [
    [0.07, 0.01],
    [19.99, 0.01],
    [1e-7, 1e-8],
    [4.5, 1.5],
    [-0.3, 0.1],
    [0, 0.1],
    [1e15, 0.001],
  ]) {
    expect(errorsOfA({ multipleOf: divisor }, value as number)).toEqual([]);
  }
  for (const [value, divisor] of [
    [0.075, 0.01],
    [1, 0.3],
    [1e-9, 1e-8],
    [3, 2],
  ]) {
    expect(errorsOfA({ multipleOf: divisor }, value as number)).toHaveLength(1);
  }
});

test('defaults and examples are annotations, and a payload is never changed', () => {
  const schema = {
    properties: { a: { type: 'string', default: 'x', example: 'y', 'x-anything': [1] }, b: { default: 1 } },
    required: ['a'],
    title: 't',
    examples: [{}],
  };
  const payload = Object.freeze({ a: 'not an e-mail' });
  expect(errorsOf(schema, payload)).toEqual([]);
  expect(payload).toEqual({ a: 'not an e-mail' });
});

test('what has no effect is kept and noted, with its place', () => {
  const compiled = compileSchema({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    'x-mine': 1,
    proprties: { a: false },
    properties: { a: { type: 'integer', format: 'int32' }, b: { format: 'email', example: 1 } },
  });
  expect(compiled).toMatchObject({
    ok: true,
    notes: [
      { path: '$["$schema"]', reason: 'read as JSON Schema 2020-12' },
      { path: '$.proprties', reason: 'not a keyword of JSON Schema: kept, and has no effect' },
      { path: '$.properties.a.format', reason: 'not a format that is checked' },
    ],
  });
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`word${index}`, 1]));
  const noted = compileSchema({ type: 'object', ...many });
  expect(noted.ok && noted.notes).toHaveLength(SCHEMA_LIMITS.maxNotes);
});

test('nullable adds null to the type beside it, as OpenAPI 3.0 has it', () => {
  expect(errorsOfA({ type: 'string', nullable: true }, null)).toEqual([]);
  expect(errorsOfA({ type: 'string', nullable: true }, 1)).toEqual([
    { path: '$.a', message: 'must be a string or null' },
  ]);
  expect(errorsOfA({ type: 'string', nullable: false }, null)).toHaveLength(1);
  expect(errorsOfA({ type: 'string', nullable: true, enum: ['x'] }, null)).toHaveLength(1);
  expect(errorsOfA({ nullable: true, minimum: 1 }, 'x')).toEqual([]);
});

test('a value that must be one of none is refused', () => {
  expect(errorsOfA({ enum: [] }, 1)).toEqual([{ path: '$.a', message: 'is not allowed here: no value is' }]);
});

test.each([
  ['date-time', '2026-11-28T00:00:00Z', '2026-11-31T00:00:00Z', 'a date and time as in RFC 3339'],
  ['date', '2028-02-29', '2026-02-29', 'a date as in RFC 3339'],
  ['email', 'ann@example.com', 'ann@example.com, bob@example.com', 'an e-mail address'],
  ['hostname', 'mail.example.com', '-mail.example.com', 'a host name'],
  ['uri', 'https://example.com/a?b#c', 'example.com', 'a URI'],
  ['uuid', '2eb8aa08-aa98-11ea-b4aa-73b441d16380', '2eb8aa08', 'a UUID'],
])('the format %s takes %s and refuses %s', (format, right, wrong, name) => {
  expect(errorsOfA({ format }, right)).toEqual([]);
  expect(errorsOfA({ format }, wrong)).toEqual([{ path: '$.a', message: `must be ${name}` }]);
  expect(errorsOfA({ format }, 1)).toEqual([]);
});

test('at most ten errors are told, with paths and without the values', () => {
  const secret = 'alice@example.com';
  const schema = {
    properties: { a: { items: { type: 'string', maxLength: 3, pattern: '^x', enum: ['y'], not: { minLength: 1 } } } },
  };
  const errors = errorsOf(schema, { a: Array.from({ length: 50 }, () => secret) });
  expect(errors).toHaveLength(SCHEMA_LIMITS.maxErrors);
  expect(JSON.stringify(errors)).not.toContain('alice');
  expect(errors[0]).toEqual({ path: '$.a[0]', message: 'must be at most 3 characters long' });
});

test.each([
  [null, '$.type', 'must be "object": the arguments of a call are an object'],
  [true, '$.type', 'must be "object": the arguments of a call are an object'],
  [{ type: ['object'] }, '$.type', 'must be "object": the arguments of a call are an object'],
  [{ type: 'object', default: undefined }, '$', 'not a JSON value'],
  [{ type: 'object', description: 'x'.repeat(70_000) }, '$', 'larger than 65536 bytes'],
  [
    { type: 'object', 'x-countersign': 'recipients' },
    '$["x-countersign"]',
    'must be one of recipient, amount, currency, subject, sensitive',
  ],
  [{ type: 'object', nullable: true }, '$.type', 'must be "object": the arguments of a call are an object'],
  [{ type: 'object', $id: '#s' }, '$["$id"]', 'must be a URI without a fragment'],
  [{ type: 'object', $id: 'https://[' }, '$["$id"]', 'must be a URI'],
  [{ type: 'object', $anchor: 'a b' }, '$["$anchor"]', 'must be a name of letters, digits and -._'],
  [{ type: 'object', $schema: 'https://example.com/s' }, '$["$schema"]', expect.stringContaining('json-schema.org')],
  [{ type: 'object', $dynamicRef: '#x' }, '$["$dynamicRef"]', 'dynamic references are not supported'],
])('the root %j is refused', (schema, path, reason) => {
  expect(refusal(schema)).toEqual({ path, reason });
});

const ENDLESS = 'recursive: a reference leads back to its own schema without going into the value';

test.each([
  [
    { type: 'text' },
    '$.properties.a.type',
    'must be one or several of null, boolean, number, string, array, object, integer',
  ],
  [{ required: true }, '$.properties.a.required', 'must be a list of different strings'],
  [{ required: ['x', 'x'] }, '$.properties.a.required', 'must be a list of different strings'],
  [{ items: [{}] }, '$.properties.a.items', 'must be a schema (an object or a boolean)'],
  [{ properties: [] }, '$.properties.a.properties', 'must be an object whose members are schemas'],
  [{ properties: { x: 1 } }, '$.properties.a.properties', 'must be an object whose members are schemas'],
  [{ anyOf: [] }, '$.properties.a.anyOf', 'must be a list with at least one schema'],
  [{ enum: {} }, '$.properties.a.enum', 'must be a list of values'],
  [{ minLength: -1 }, '$.properties.a.minLength', 'must be a whole number that is not negative'],
  [{ multipleOf: 0 }, '$.properties.a.multipleOf', 'must be a number above 0'],
  [{ minimum: '1' }, '$.properties.a.minimum', 'must be a number'],
  [{ uniqueItems: 1 }, '$.properties.a.uniqueItems', 'must be true or false'],
  [{ nullable: 'yes' }, '$.properties.a.nullable', 'must be true or false'],
  [{ dependencies: {} }, '$.properties.a.dependencies', expect.stringContaining('"dependentRequired"')],
  [{ $ref: 'https://example.com/s' }, '$.properties.a["$ref"]', 'only local references ("#/…") are supported'],
  [{ $ref: '#/$defs/none' }, '$.properties.a["$ref"]', 'points at no subschema of this schema'],
  [{ $ref: '#/properties' }, '$.properties.a["$ref"]', 'points at no subschema of this schema'],
  [{ $ref: '#none' }, '$.properties.a["$ref"]', 'points at no subschema of this schema'],
  [{ $ref: 'other.json' }, '$.properties.a["$ref"]', 'only local references ("#/…") are supported'],
  [{ allOf: [{ $ref: '#/properties/a' }] }, '$', ENDLESS],
  [{ $ref: '#/properties/a' }, '$', ENDLESS],
  [{ not: { if: { dependentSchemas: { x: { $ref: '#/properties/a' } } } } }, '$', ENDLESS],
  [{ items: { $defs: { d: { anyOf: [{ $ref: '#/properties/a/items/$defs/d' }] } } } }, '$', ENDLESS],
  [
    { $defs: { x: { $id: 's:a' }, y: { $id: 's:a' } } },
    '$.properties.a["$defs"].y["$id"]',
    expect.stringContaining('address'),
  ],
  [
    { $defs: { x: { $anchor: 'a' }, y: { $anchor: 'a' } } },
    '$.properties.a["$defs"].y["$anchor"]',
    expect.stringContaining('name'),
  ],
  [{ pattern: 'x'.repeat(1_001) }, '$.properties.a.pattern', 'longer than 1000 characters'],
  [{ pattern: '(x{30}){40}' }, '$.properties.a.pattern', expect.stringContaining('RE2')],
  [{ pattern: '(.{30}){33}.{30}' }, '$.properties.a.pattern', 'the pattern is too large once compiled'],
  [{ pattern: '(?=a)' }, '$.properties.a.pattern', expect.stringContaining('linear time: (?=a')],
  [{ pattern: '(?<!a)b' }, '$.properties.a.pattern', expect.stringContaining('linear time: (?<!')],
  [{ pattern: '(a)\\1' }, '$.properties.a.pattern', expect.stringContaining('linear time: \\1')],
  [{ pattern: '[' }, '$.properties.a.pattern', expect.stringContaining('not a pattern of ECMA-262')],
  [
    { patternProperties: { '(?!x)': {} } },
    '$.properties.a.patternProperties["(?!x)"]',
    expect.stringContaining('linear time: (?!x'),
  ],
])('the subschema %j is refused', (schema, path, reason) => {
  expect(refusalOfA(schema)).toEqual({ path, reason });
});

test('size and depth are bounded, as written and with references followed', () => {
  const properties = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, {}]));
  expect(refusal({ type: 'object', properties: properties(1_999) })).toBe('accepted');
  expect(refusal({ type: 'object', properties: properties(2_000) })).toEqual({
    path: '$',
    reason: 'has more than 2000 subschemas',
  });
  expect(refusalOfA(nest(30, (items) => ({ items }), {}))).toBe('accepted');
  expect(refusalOfA(nest(31, (items) => ({ items }), {}))).toMatchObject({
    reason: 'nested deeper than 32 subschemas',
  });

  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `d${i}`,
      { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
    ]),
  );
  expect(refusal({ type: 'object', $ref: '#/$defs/d0', $defs: { ...doubling, d40: {} } })).toEqual({
    path: '$',
    reason: 'has more than 10000 subschemas once references are followed',
  });
  const chain = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`d${i}`, { $ref: `#/$defs/d${i + 1}` }]));
  expect(refusal({ type: 'object', $ref: '#/$defs/d0', $defs: { ...chain, d100: {} } })).toEqual({
    path: '$',
    reason: 'nested deeper than 64 subschemas once references are followed',
  });
  const patterns = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, { pattern: 'a'.repeat(990) + i }]));
  expect(refusal({ type: 'object', properties: patterns })).toMatchObject({
    reason: expect.stringContaining('patterns together'),
  });
});
