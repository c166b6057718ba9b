import { expect } from 'vitest';
import { compileSchema, type SchemaError } from '../../src/kernel/json-schema.ts';
import type { JsonValue } from '../../src/kernel/strict-json.ts';

/** The errors of a payload against a schema with these keywords at its root; none when it fits. For tests. */
export function errorsOf(schema: Record<string, unknown>, payload: JsonValue): readonly SchemaError[] {
  const compiled = compileSchema({ type: 'object', ...schema });
  expect(compiled).toMatchObject({ ok: true });
  const result = compiled.ok ? compiled.validate(payload) : compiled;
  return 'errors' in result ? result.errors : [];
}

export const errorsOfA = (schema: unknown, a: JsonValue): readonly SchemaError[] =>
  errorsOf({ properties: { a: schema } }, { a });

/** Something wrapped in itself so many times. */
export const nest = (depth: number, wrap: (inner: unknown) => unknown, leaf: unknown): unknown => {
  let schema = leaf;
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
};
