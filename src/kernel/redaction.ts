/** What stands where a secret was. */
export const REDACTED = '[redacted]';

const MAX_DEPTH = 8;
const MAX_MEMBERS = 1_000;
const MAX_TEXT = 65_536;

/** Words that, anywhere in a member's name, make its value a secret. Compared without case, `-` and `_`. */
const SECRET_WORDS = ['password', 'passwd', 'secret', 'token', 'apikey', 'authorization', 'cookie', 'privatekey'];
/** Endings that name something about a secret and not the secret: `token_id`, `token_prefix`, `secret_name`. */
const HARMLESS_ENDING = /(?:ids?|prefix|count|expires_?at|name)$/i;

/**
 * Copies a value for a log or an error report, with secrets masked: members whose names say that they hold one,
 * and everything {@link scrubText} finds in strings. Numbers, booleans and null are kept.
 *
 * Bounded: below 8 levels and after 1,000 members a mark stands for the rest. Errors become
 * `{name, message, stack, cause}`; binary data and what is not JSON become a short description. Never throws
 * for a value whose members can be read.
 */
export function redactSecrets(value: unknown): unknown {
  return redact(value, MAX_DEPTH, { left: MAX_MEMBERS });
}

type Budget = { left: number };

function redact(value: unknown, room: number, budget: Budget): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (room === 0) return '[deeper]';
  if (value instanceof Error) return redactError(value, room, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Headers) return redactMembers([...value], room, budget);
  if (value instanceof Map) return redactMembers([...value].map(named), room, budget);
  if (value instanceof Set) return redactItems([...value], room, budget);
  return Array.isArray(value) ? redactItems(value, room, budget) : redactMembers(Object.entries(value), room, budget);
}

const named = ([key, value]: [unknown, unknown]): [string, unknown] => [String(key), value];

function redactItems(items: readonly unknown[], room: number, budget: Budget): unknown[] {
  const kept: unknown[] = [];
  for (const item of items) {
    if (budget.left-- <= 0) return [...kept, '[more]'];
    kept.push(redact(item, room - 1, budget));
  }
  return kept;
}

function redactMembers(members: readonly [string, unknown][], room: number, budget: Budget): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of members) {
    if (budget.left-- <= 0) {
      kept.push(['[more]', true]);
      break;
    }
    kept.push([scrubText(key), namesSecret(key) && holdsText(value) ? REDACTED : redact(value, room - 1, budget)]);
  }
  // fromEntries defines members, so a key like __proto__ stays data.
  return Object.fromEntries(kept);
}

function redactError(error: Error, room: number, budget: Budget): Record<string, unknown> {
  const { name, message, stack, cause, ...more } = error;
  return redactMembers(
    Object.entries({ name: name ?? 'Error', message, stack, cause, ...more }).filter(
      ([, value]) => value !== undefined,
    ),
    room,
    budget,
  );
}

/** A secret is a text or holds texts; numbers under such a name are counts and limits. */
const holdsText = (value: unknown): boolean =>
  typeof value === 'string' || (typeof value === 'object' && value !== null);

/** Whether a member's name says that its value is a secret. */
export function namesSecret(key: string): boolean {
  const plain = key.replaceAll(/[-_ ]/g, '').toLowerCase();
  return SECRET_WORDS.some((word) => plain.includes(word)) && !HARMLESS_ENDING.test(key);
}

/** `cs_live_` and the public prefix stay, so that a log still says which token it was. */
const OWN_TOKEN = /\b(cs_[a-z]{2,8}_[A-Za-z0-9]{8}_)[A-Za-z0-9_-]+/g;
const SCHEME = /\b(bearer|basic|digest)\s{1,4}["']?[A-Za-z0-9._~+/=-]{6,}/gi;
const HEADER_LINE =
  /\b((?:proxy-)?authorization|set-cookie|cookie|x-api-key)(["']?\s{0,4}[:=]\s{0,4}["']?)[^\r\n"'}]+/gi;
const ASSIGNMENT = /(password|passwd|secret|token|api[_-]?key)(["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"'&,;}]+/gi;
const URL_PASSWORD = /(:\/\/[^\s/:@"']{0,200}:)[^\s/@"']{1,200}@/g;

/**
 * Masks secrets inside a text: Countersign tokens (the prefix stays), values of authorization and cookie
 * headers, `name=value` and `"name": "value"` pairs whose name says secret, passwords in URLs. A text longer
 * than 65,536 characters is cut first. Time is linear in the text.
 */
export function scrubText(text: string): string {
  const bounded = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}[cut]` : text;
  return bounded
    .replace(OWN_TOKEN, `$1${REDACTED}`)
    .replace(HEADER_LINE, `$1$2${REDACTED}`)
    .replace(SCHEME, `$1 ${REDACTED}`)
    .replace(ASSIGNMENT, `$1$2${REDACTED}`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`);
}
