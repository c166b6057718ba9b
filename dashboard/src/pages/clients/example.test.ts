import { expect, test } from 'vitest';
import { compileSchema } from '../../../../src/kernel/json-schema.ts';
import type { JsonValue } from '../../../../src/kernel/strict-json.ts';
import { exampleOf } from './example.ts';

test.each([
  [{ type: 'object', properties: { q: { type: 'string' } }, required: ['q'] }],
  [
    {
      type: 'object',
      properties: {
        to: { type: 'array', items: { type: 'string', format: 'email' }, minItems: 1 },
        n: { type: 'integer', minimum: 5 },
      },
      required: ['to', 'n'],
    },
  ],
  [
    {
      type: 'object',
      properties: {
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        kind: { enum: ['a', 'b'] },
        deep: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } },
      },
      required: ['currency', 'kind', 'deep'],
    },
  ],
  [
    {
      type: 'object',
      properties: { amount: { type: 'number', exclusiveMinimum: 0, maximum: 0.5, multipleOf: 0.01 } },
      required: ['amount'],
    },
  ],
])('an example fits its schema %#', (schema) => {
  const compiled = compileSchema(schema);
  expect(compiled.ok && compiled.validate(exampleOf(schema) as JsonValue)).toEqual({ ok: true });
});
