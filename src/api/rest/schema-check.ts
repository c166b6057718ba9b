import { z } from 'zod';
import { compileSchema, readAnnotations } from '../../kernel/json-schema.ts';
import type { JsonValue } from '../../kernel/strict-json.ts';
import { type Route, route } from '../route.ts';

const fault = z.object({ path: z.string(), reason: z.string() });

/** `POST /v1/tools/check-schema`: what an editor asks while somebody writes a schema. Nothing is kept. */
export const schemaCheckRoutes: Route[] = [
  route({
    method: 'post',
    path: '/v1/tools/check-schema',
    summary: 'Check an input schema, and arguments against it, without keeping either',
    tag: 'Tools',
    permission: 'tools.manage',
    lock: 'none',
    body: z.strictObject({
      input_schema: z.record(z.string(), z.unknown(), { error: 'write a JSON Schema object with "type": "object"' }),
      arguments: z.record(z.string(), z.unknown()).optional(),
    }),
    response: {
      status: 200,
      schema: z.object({
        ok: z.boolean(),
        fault: fault.optional().describe('What is wrong with the schema, and where in it.'),
        errors: z
          .array(z.object({ path: z.string(), message: z.string() }))
          .describe('What is wrong with the arguments.'),
        highlights: z
          .array(z.object({ role: z.string(), path: z.string() }))
          .describe('What an approval card takes out of the payload: recipients, amounts, currencies, subjects.'),
      }),
    },
    async handle({ body }) {
      const compiled = compileSchema(body.input_schema);
      if (!compiled.ok) {
        const { path, reason } = compiled;
        return { body: { ok: false, fault: { path, reason }, errors: [], highlights: [] } };
      }
      const checked = body.arguments === undefined ? undefined : compiled.validate(body.arguments as JsonValue);
      const errors =
        checked === undefined || checked.ok ? [] : checked.errors.map(({ path, message }) => ({ path, message }));
      const highlights = readAnnotations(body.input_schema).map(({ role, path }) => ({ role, path }));
      return { body: { ok: errors.length === 0, errors, highlights } };
    },
  }),
];
