import { expect, test } from 'vitest';
import { type Shape, shapeOf } from './shape.ts';

const plainOf = (shape: Shape): unknown => {
  if (shape.kind === 'list') return [plainOf(shape.items)];
  if (shape.kind !== 'object') return shape.kind;
  return Object.fromEntries([...shape.fields].map(([name, inner]) => [name, plainOf(inner)]));
};
const of = (properties: object, more: object = {}) => plainOf(shapeOf({ type: 'object', properties, ...more }));

test.each<[string, object, unknown]>([
  [
    'a type each',
    { a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'number' }, d: { type: 'boolean' } },
    { a: 'string', b: 'int', c: 'double', d: 'bool' },
  ],
  ['several types', { a: { type: ['string', 'null'] } }, { a: 'any' }],
  ['one type in a list', { a: { type: ['string'] } }, { a: 'string' }],
  ['nullable', { a: { type: 'string', nullable: true } }, { a: 'any' }],
  ['a choice of texts', { a: { enum: ['x', 'y'] } }, { a: 'string' }],
  ['a choice of all kinds', { a: { enum: ['x', 1] } }, { a: 'any' }],
  ['a list', { a: { type: 'array', items: { type: 'integer' } } }, { a: ['int'] }],
  [
    'places of a list',
    { a: { type: 'array', prefixItems: [{ type: 'integer' }], items: { type: 'string' } } },
    { a: ['any'] },
  ],
  ['a number that allOf calls whole', { a: { type: 'number', allOf: [{ type: 'integer' }] } }, { a: 'int' }],
  ['an object of anything', { a: { type: 'object' } }, { a: 'map' }],
  [
    'an object of more than it names',
    { a: { type: 'object', properties: { b: {} }, additionalProperties: true } },
    { a: 'map' },
  ],
  ['a choice without a type', { a: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }, { a: 'any' }],
  ['true', { a: true }, { a: 'any' }],
])('%s', (_name, properties, expected) => {
  expect(of(properties)).toEqual(expected);
});

test('members of references, of allOf and of choices are all there', () => {
  const more = {
    $defs: { base: { properties: { b: { type: 'integer' } } } },
    allOf: [{ $ref: '#/$defs/base' }],
    oneOf: [{ properties: { c: { type: 'string' } } }, { properties: { a: { const: 5 }, d: { type: 'boolean' } } }],
  };
  expect(of({ a: { type: 'number' } }, more)).toEqual({ a: 'double', b: 'int', c: 'string', d: 'bool' });
});

test('a schema that leads back to itself ends', () => {
  const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' }, n: { type: 'integer' } } };
  expect(JSON.stringify(plainOf(shapeOf(tree))).length).toBeLessThan(100_000);
});

test('a schema that is none says nothing', () => {
  expect(shapeOf({ type: 'string' })).toEqual({ kind: 'any' });
});
