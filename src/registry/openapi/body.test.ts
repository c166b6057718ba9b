import { expect, test } from 'vitest';
import { readDocument } from './read.ts';

test('a body of parts that are made of parts, each of many, is read in no time', () => {
  const schemas: Record<string, object> = { S6: { type: 'object', properties: { name: { type: 'string' } } } };
  for (let level = 5; level >= 0; level -= 1) {
    schemas[`S${level}`] = {
      allOf: Array.from({ length: 12 }, () => ({ $ref: `#/components/schemas/S${level + 1}` })),
    };
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } };
  const document = {
    openapi: '3.0.0',
    info: { title: 'Parts', version: '1' },
    paths: { '/parts': { post: { requestBody: { content }, responses: {} } } },
    components: { schemas },
  };
  const main = Buffer.from(JSON.stringify(document));
  const began = performance.now();
  const read = readDocument({ main, url: null, others: new Map(), prefix: null });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(read.kind).toBe('read');
});
