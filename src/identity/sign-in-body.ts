import type { z } from 'zod';
import { type Problem, problem } from '../kernel/codes.ts';
import { parseStrictBytes } from '../kernel/strict-json.ts';

/** Passwords and addresses need no more. */
const BODY_MAX_BYTES = 64 * 1024;

/** Reads a small JSON body strictly and holds it against a schema. Reading stops where it gets too large. */
export async function readSignInBody<T>(request: Request, schema: z.ZodType<T>): Promise<T | Problem> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return problem('unsupported_media_type');
  }
  const bytes = await readUpTo(request, BODY_MAX_BYTES);
  if (bytes === null) return problem('payload_too_large', 'The body is larger than 64 KiB.');
  const parsed = parseStrictBytes(bytes);
  if (!parsed.ok) return problem('malformed_body', `${parsed.reason} at ${parsed.path}`);
  const result = schema.safeParse(parsed.value);
  if (result.success) return result.data;
  const errors = result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => ({ field: path.join('.') || '(body)', message }));
  return problem('invalid_request', `${errors[0]?.field}: ${errors[0]?.message}`, errors);
}

async function readUpTo(request: Request, maxBytes: number): Promise<Buffer | null> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
