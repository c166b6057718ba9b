import type { JsonFault } from './json-fault.ts';
import { type Annotation, annotationsOf } from './json-schema/annotations.ts';
import { compileChecks } from './json-schema/compile.ts';
import { type Inspection, inspectAnySchema, inspectSchema } from './json-schema/inspect.ts';
import { OutOfWork, Run, type SchemaError } from './json-schema/run.ts';
import { type Shape, shapeOfInspected } from './json-schema/shape.ts';
import type { JsonValue } from './strict-json.ts';

export { type AnnotatedValue, type Annotation, annotatedValues, readAnnotations } from './json-schema/annotations.ts';
export { SCHEMA_LIMITS } from './json-schema/limits.ts';
export type { Role } from './json-schema/rules.ts';
export type { SchemaError } from './json-schema/run.ts';
export type { Shape } from './json-schema/shape.ts';

/** Whether a payload fits, or at most 10 errors with JSON paths and without the payload's values. */
export type Validation = { readonly ok: true } | { readonly ok: false; readonly errors: readonly SchemaError[] };

export type Validate = (value: JsonValue) => Validation;

/** A schema ready to check payloads, with what in it has no effect; or what is wrong with it, and where in the schema. */
export type CompiledSchema =
  | {
      readonly ok: true;
      readonly validate: Validate;
      readonly notes: readonly JsonFault[];
      /** What it marks for the people who approve, as `readAnnotations` gives it: found when it is first asked for. */
      readonly annotations: () => readonly Annotation[];
      /** What kinds of values fit it: found when it is first asked for. */
      readonly shape: () => Shape;
    }
  | ({ readonly ok: false } & JsonFault);

/**
 * Compiles a tenant's JSON Schema (2020-12) for the arguments of a tool, so that neither the schema nor a
 * payload can stall or crash the process: see `SCHEMA_LIMITS`. Nothing in here throws for bad input.
 *
 * - The root must have `"type": "object"`. Unknown keywords are kept and noted; those of other drafts that would
 *   assert something are refused.
 * - `$ref` stays in the document, by place, `$anchor` or `$id`; it may lead back where that goes into the value. Dynamic
 *   references are refused.
 * - `pattern` and the keys of `patternProperties` are ECMA-262 without lookaround and backreferences.
 * - `format` is asserted for the formats that JSON Schema defines; others are noted.
 * - `default`, `contentEncoding` and the like are annotations: never enforced, never applied.
 * - `multipleOf` is exact in decimal: 0.07 is a multiple of 0.01.
 *
 * `validate` never changes the payload. One that would take more work than a payload may is refused too.
 */
export function compileSchema(schema: unknown): CompiledSchema {
  return compiled(inspectSchema(schema));
}

/** {@link compileSchema} for a schema of whatever values. */
export function compileAnySchema(schema: unknown): CompiledSchema {
  return compiled(inspectAnySchema(schema));
}

function compiled(inspection: Inspection): CompiledSchema {
  if (!inspection.ok) return inspection;
  const check = compileChecks(inspection.inspected);
  let annotations: readonly Annotation[] | undefined;
  let shape: Shape | undefined;
  return {
    ok: true,
    notes: inspection.inspected.notes,
    annotations: () => {
      annotations ??= annotationsOf(inspection.inspected);
      return annotations;
    },
    shape: () => {
      shape ??= shapeOfInspected(inspection.inspected);
      return shape;
    },
    validate: (value) => {
      const run = new Run();
      try {
        return check(value, run, null) ? FITS : { ok: false, errors: run.errors };
      } catch (error) {
        if (!(error instanceof OutOfWork)) throw error;
        return { ok: false, errors: [TOO_MUCH_WORK] };
      }
    },
  };
}

const FITS: Validation = { ok: true };
const TOO_MUCH_WORK: SchemaError = {
  path: '$',
  message: 'are too large to be checked against the schema of this tool',
};
