import { z } from 'zod';

const TOOL_NAME_MAX = 128;
const at = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-05-20T19:30:00Z' });

/** What several lists can be narrowed by: the name of a tool, and a time from (inclusive) and to (exclusive). */
export const filters = {
  tool: z.string().max(TOOL_NAME_MAX).optional(),
  from: at.optional(),
  to: at.optional(),
};

/** One of a few words; the complaint names them all. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}
