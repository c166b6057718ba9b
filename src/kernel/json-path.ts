/** One step from the root of a JSON document: a member's key or an element's index. */
export type PathStep = string | number;

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NOT_SHOWN_AS_IS = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const KEY_LENGTH_SHOWN = 64;

/**
 * Writes a JSON path such as `$.to[0]["a b"]` (RFC 9535 names, double quotes).
 *
 * Keys come from callers, so control, format and bidirectional characters are written as `\u{…}` and a key
 * longer than 64 characters is cut with `…`: the path is safe in logs and terminals. It is for people to
 * read, not to be evaluated.
 */
export function formatPath(steps: readonly PathStep[]): string {
  let path = '$';
  for (const step of steps) path += typeof step === 'number' ? `[${step}]` : formatKey(step);
  return path;
}

function formatKey(key: string): string {
  const shown = key.length > KEY_LENGTH_SHOWN ? `${key.slice(0, KEY_LENGTH_SHOWN)}…` : key;
  if (PLAIN_KEY.test(shown)) return `.${shown}`;
  const quoted = shown.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(NOT_SHOWN_AS_IS, codePoint);
  return `["${quoted}"]`;
}

const codePoint = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
