import { JsonReader } from './json-reader.ts';
import type { JsonValue } from './json-value.ts';

/** A member's name with an escape in it: a string, then a colon. Strings are taken whole, so the pattern is linear. */
const ESCAPED_NAME = /"(?:[^"\\]|\\.)*"[ \t\r\n]*:?/gs;
const LENIENT = { maxDepth: 512, maxValues: Infinity, maxNames: Infinity, strict: false } as const;

/**
 * `JSON.parse` for texts that were not read strictly: our own canonical texts, and what upstreams answer. V8's own
 * parser may give a member another name when that has an escape (see {@link JsonReader}), so such texts are read here.
 *
 * @throws SyntaxError for what is not JSON.
 */
export function readJson(text: string): JsonValue {
  if (!hasEscapedName(text)) return JSON.parse(text) as JsonValue;
  const reader = new JsonReader(text, LENIENT);
  const value = reader.document();
  if (value !== undefined) return value;
  const { path, reason } = reader.fault;
  throw new SyntaxError(`${reason} at ${path}`);
}

/** Whether some member's name is written with an escape. */
export function hasEscapedName(text: string): boolean {
  if (!text.includes('\\')) return false;
  for (const [found] of text.matchAll(ESCAPED_NAME)) if (found.endsWith(':') && found.includes('\\')) return true;
  return false;
}
