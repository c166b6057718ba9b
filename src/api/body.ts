import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type FieldError, type Problem, problem } from '../kernel/codes.ts';
import { parseStrictBytes } from '../kernel/strict-json.ts';

/** The largest body the API reads, in bytes. */
export const BODY_MAX_BYTES = 1024 * 1024;

/** Past the limit, this much is still read and dropped, so that the sender hears the answer. */
const DRAIN_MAX_BYTES = 32 * BODY_MAX_BYTES;

/** Reads a body up to the limit; a larger one, or one whose sender went away, is a problem. */
export function readBytes(incoming: IncomingMessage): Promise<Buffer | Problem> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_MAX_BYTES) chunks.push(chunk);
      else chunks.length = 0;
      if (size > DRAIN_MAX_BYTES) {
        incoming.pause();
        resolve(problem('payload_too_large'));
      }
    });
    incoming.on('end', () => {
      if (size > BODY_MAX_BYTES) resolve(problem('payload_too_large'));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    incoming.on('error', () => resolve(problem('malformed_body', 'The body ended before its end.')));
  });
}

/** Whether the request says that it carries JSON. */
export function isJson(incoming: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(incoming.headers['content-type'] ?? '');
}

/** Reads, strictly parses and validates a JSON body. */
export async function readBody(incoming: IncomingMessage, schema: z.ZodType): Promise<{ value: unknown } | Problem> {
  if (!isJson(incoming)) return problem('unsupported_media_type');
  const bytes = await readBytes(incoming);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const parsed = parseStrictBytes(bytes);
  if (!parsed.ok) return problem('malformed_body', `${parsed.reason} at ${parsed.path}`);
  return validate(schema, parsed.value);
}

/** Holds input against a schema; the problem names every field and what to do. */
export function validate(schema: z.ZodType, input: unknown): { value: unknown } | Problem {
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  const errors: FieldError[] = result.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ field: path.map(String).join('.') || '(body)', message }));
  const first = errors[0]!;
  return problem('invalid_request', `${first.field}: ${first.message}`, errors);
}
