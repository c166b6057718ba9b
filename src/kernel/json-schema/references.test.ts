import { expect, test } from 'vitest';
import { errorsOf, nest } from '../../../test/arbitraries/schemas.ts';
import { readAnnotations } from '../json-schema.ts';
import type { JsonValue } from '../strict-json.ts';

test('schemas are found by $id, by $anchor and by place, each from where it counts', () => {
  const schema = {
    $id: 'https://example.com/order.json',
    $defs: {
      line: { $anchor: 'line', type: 'object', properties: { sku: { $ref: 'part.json#sku' } } },
      part: { $id: 'part.json', $defs: { sku: { $anchor: 'sku', maxLength: 3 }, own: { $ref: '#/$defs/sku' } } },
    },
    properties: {
      a: { $ref: '#line' },
      b: { $ref: 'https://example.com/order.json#/$defs/line' },
      c: { $ref: 'part.json#/$defs/own' },
      d: { $ref: '#/$defs/part/$defs/own' },
    },
  };
  expect(errorsOf(schema, { a: { sku: 'abc' }, b: { sku: 'abc' }, c: 'abc', d: 'abc' })).toEqual([]);
  const paths = errorsOf(schema, { a: { sku: 'abcd' }, b: { sku: 'abcd' }, c: 'abcd', d: 'abcd' }).map(
    ({ path }) => path,
  );
  expect(paths).toEqual(['$.a.sku', '$.b.sku', '$.c', '$.d']);
});

const TREE = {
  properties: { a: { $ref: '#/$defs/node' } },
  $defs: {
    node: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
        first: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      },
      unevaluatedProperties: false,
    },
  },
};

test('a schema may lead back to itself where that goes into the value', () => {
  expect(errorsOf(TREE, { a: { name: 'x', children: [{ name: 'y', first: { name: 'z' } }] } })).toEqual([]);
  expect(errorsOf(TREE, { a: { name: 'x', children: [{ name: 'y', children: [{ nam: 'z' }] }] } })).toEqual([
    { path: '$.a.children[0].children[0]', message: 'must have the property "name"' },
    { path: '$.a.children[0].children[0].nam', message: 'is not a property this tool takes' },
  ]);
  const deep = nest(62, (first) => ({ name: 'x', first }), null) as JsonValue;
  expect(errorsOf(TREE, { a: deep })).toEqual([]);
});

test('highlights are found in schemas that lead back to themselves', () => {
  const schema = {
    type: 'object',
    $defs: {
      node: { properties: { to: { format: 'email' }, cc: { format: 'idn-email' }, next: { $ref: '#/$defs/node' } } },
    },
    $ref: '#/$defs/node',
  };
  expect(readAnnotations(schema).map(({ path }) => path)).toEqual([
    '$.to',
    '$.cc',
    '$.next.to',
    '$.next.cc',
    '$.next.next.to',
    '$.next.next.cc',
    '$.next.next.next.to',
    '$.next.next.next.cc',
  ]);
  const wide = {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, { $ref: '#' }])),
  };
  expect(readAnnotations(wide)).toEqual([]);
});
