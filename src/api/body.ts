import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type FieldError, type Problem, problem } from '../kernel/codes.ts';
import { parseStrictBytes } from '../kernel/strict-json.ts';

/** The largest body the API reads, in bytes. */
export const BODY_MAX_BYTES = 1024 * 1024;

/** Past the limit, this much is still read and dropped, so that the sender hears the answer. */
const DRAIN_MAX_BYTES = 32 * BODY_MAX_BYTES;

/** Reads a body up to the limit; a larger one, or one whose sender went away, is a problem. */
export function readBytes(incoming: IncomingMessage, maxBytes = BODY_MAX_BYTES): Promise<Buffer | Problem> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (size > DRAIN_MAX_BYTES) {
        incoming.pause();
        resolve(problem('payload_too_large'));
      }
    });
    incoming.on('end', () => {
      if (size > maxBytes) resolve(problem('payload_too_large'));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    incoming.on('error', () => resolve(problem('malformed_body', 'The body ended before its end.')));
  });
}

/** Whether the request says that it carries JSON. */
export function isJson(incoming: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(incoming.headers['content-type'] ?? '');
}

/** Whether the request says that it carries a form with a file. */
function isForm(incoming: IncomingMessage): boolean {
  return /^multipart\/form-data\s*;/i.test(incoming.headers['content-type'] ?? '');
}

/**
 * Reads a body that may be a form: its field `request` is the JSON, its field `document` a file of at most `maxBytes`.
 * Otherwise it is the JSON alone.
 */
export async function readUpload(
  incoming: IncomingMessage,
  schema: z.ZodType,
  maxBytes: number,
): Promise<{ value: unknown; file?: Uint8Array } | Problem> {
  if (!isForm(incoming)) return readBody(incoming, schema);
  const bytes = await readBytes(incoming, maxBytes + BODY_MAX_BYTES);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const headers = { 'content-type': incoming.headers['content-type']! };
  const form = await new Response(bytes as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => null);
  if (form === null) return problem('malformed_body', 'The form could not be read.');
  const asked = form.get('request') ?? '{}';
  const file = form.get('document');
  if (typeof asked !== 'string') return fieldOf('request', 'write the JSON of the request as a field, not as a file');
  if (typeof file === 'string') return fieldOf('document', 'send the document as a file');
  if (Buffer.byteLength(asked) > BODY_MAX_BYTES || (file?.size ?? 0) > maxBytes) return problem('payload_too_large');
  const parsed = parseStrictBytes(Buffer.from(asked));
  if (!parsed.ok) return problem('malformed_body', `request: ${parsed.reason} at ${parsed.path}`);
  const valid = validate(schema, parsed.value);
  if ('kind' in valid || file === null) return valid;
  return { ...valid, file: new Uint8Array(await file.arrayBuffer()) };
}

function fieldOf(field: string, message: string): Problem {
  return problem('invalid_request', `${field}: ${message}`, [{ field, message }]);
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
