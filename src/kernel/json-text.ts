import { JsonReader } from './json-reader.ts';
import type { JsonValue } from './json-value.ts';

/** What is left of a string of which a backslash is known, and whether a colon follows. Linear: strings are taken whole. */
const REST_OF_STRING = /(?:[^"\\]|\\.)*"[ \t\r\n]*(:?)/sy;
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

/** Whether some member's name is written with an escape. Backslashes are nowhere in JSON but inside of strings. */
export function hasEscapedName(text: string): boolean {
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', REST_OF_STRING.lastIndex)) {
    REST_OF_STRING.lastIndex = at;
    const rest = REST_OF_STRING.exec(text);
    // A string that does not end: that is no JSON, as whoever reads it will see.
    if (rest === null) return false;
    if (rest[1] === ':') return true;
  }
  return false;
}
