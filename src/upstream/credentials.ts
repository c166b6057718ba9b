import { replaceSecrets, secretsIn } from '../kernel/secret-reference.ts';

/**
 * Finds credentials in handler and connector configs. They are refused there: configs are shown to people,
 * pinned in envelopes and written to the audit log.
 */

// A key or header name is split into words: `X-Api-Key`, `apiKey` and `API_KEY` are all "… api key".
const SECRET_WORDS: ReadonlySet<string> = new Set([
  'authorization',
  'bearer',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'jwt',
  'passphrase',
  'passwd',
  'password',
  'passwords',
  'pwd',
  'secret',
  'secrets',
  'token',
  'tokens',
]);

const KEY_OWNERS: ReadonlySet<string> = new Set([
  'access',
  'account',
  'api',
  'app',
  'auth',
  'client',
  'encryption',
  'functions',
  'license',
  'master',
  'private',
  'secret',
  'shared',
  'signing',
  'subscription',
]);

// Written without separators, a name has no words to find.
const RUN_TOGETHER =
  /(?:api|access|private|signing|encryption)keys?|(?:auth|access|refresh|bearer|id|session)token|(?:client|app|shared)secret|passw(?:or)?d/;

// `max_tokens`, `next_page_token`, `authorization_url`: about credentials, not credentials.
const COMPANIONS: ReadonlySet<string> = new Set([
  'budget',
  'continuation',
  'count',
  'endpoint',
  'limit',
  'max',
  'min',
  'next',
  'page',
  'per',
  'type',
  'uri',
  'url',
]);

// In a URL's query these short names carry keys and signatures as well, if the value is long enough for one.
const QUERY_ONLY: ReadonlySet<string> = new Set(['auth', 'key', 'pass', 'sas', 'sig', 'signature']);
const SHORTEST_KEY = 12;

const VALUE_PATTERNS: readonly RegExp[] = [
  /\bbearer\s+(?:(?=[\w.~+/-]{0,40}\d)[\w.~+/=-]{8,}|[\w.~+/=-]{24,})/i,
  /^\s*[Bb]asic\s+(?=\S*[A-Z0-9=])[A-Za-z0-9+/]{8,}={0,2}\s*$/,
  /\bsk-[\w-]{16,}/,
  /\b(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{10,}/,
  /\bcs_(?:live|test)_\w{8,}/,
  /\bgh[opsur]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_\w{20,}/,
  /\bglpat-[\w-]{16,}/,
  /\bxox[a-z]-[\w-]{10,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[\w-]{30,}/,
  /\bya29\.[\w-]{16,}/,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
  /\b(?:hf|npm|shpat|dop_v1|pypi)[_-][A-Za-z0-9]{24,}/,
  /\beyJ[\w-]{8,1000}\.eyJ[\w-]{8,}/,
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/,
  // User name or password in a URL.
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^/?#\s]*@/i,
];

const MAX_TEXT = 16 * 1024;
const MAX_DEPTH = 32;

/**
 * Gives the JSON path (`$.headers["X-Api-Key"]`) of the first place in `config` that holds a credential, or
 * null. A place is a non-empty value under a telling name, a text that looks like a key, token or URL with
 * user information, or a telling query parameter in a text. What cannot be checked (texts over 16 KiB,
 * nesting over 32) counts as found. Argument names, as in `query: ["page_token"]`, are not values.
 */
export function findCredential(config: unknown): string | null {
  return search(config, '$', 0);
}

function search(value: unknown, path: string, depth: number): string | null {
  if (typeof value === 'string') return holdsCredential(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_DEPTH) return path;
  for (const [key, item] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : path + step(key);
    if (!Array.isArray(value)) {
      const isTelling = namesCredential(key) && !isAuthorization(item);
      if (holdsCredential(key) || (isTelling && holdsText(item, depth + 1))) return place;
    }
    const found = search(item, place, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** A connector's `authorization` says where tokens come from; what it holds is looked at by itself. */
function isAuthorization(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'oauth';
}

function step(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

// Numbers and booleans are settings (`max_tokens: 500`, `token: true`); a credential is text.
function holdsText(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value !== '' && !onlyNamesSecrets(value);
  if (typeof value !== 'object' || value === null) return false;
  return depth >= MAX_DEPTH || Object.values(value).some((item) => holdsText(item, depth + 1));
}

/** `{{secret:NAME}}`, alone or behind the word that says what it is: `Bearer {{secret:NAME}}`, `session={{secret:NAME}}`. */
function onlyNamesSecrets(text: string): boolean {
  if (secretsIn(text).length === 0) return false;
  return /^(?:[A-Za-z-]{1,16}[\s=:"',;]+){0,2}["']?$/.test(replaceSecrets(text, () => ''));
}

function namesCredential(name: string): boolean {
  const words = name
    .slice(0, 256)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const isAbout = words.some((word) => COMPANIONS.has(word));
  return words.some((word, index) => {
    if (SECRET_WORDS.has(word)) return !isAbout;
    if (RUN_TOGETHER.test(word)) return true;
    return (word === 'key' || word === 'keys') && index > 0 && KEY_OWNERS.has(words[index - 1]!);
  });
}

function holdsCredential(text: string): boolean {
  if (text.length > MAX_TEXT) return true;
  return VALUE_PATTERNS.some((pattern) => pattern.test(text)) || hasTellingQuery(text);
}

function hasTellingQuery(text: string): boolean {
  for (const [, name = '', value = ''] of text.matchAll(/[?&;]([\w.%-]{1,64})=([^&#\s]*)/g)) {
    // A placeholder takes an argument of the call; it is not a value.
    if (value === '' || /^\{[\w-]+\}$/.test(value) || onlyNamesSecrets(value)) continue;
    if (namesCredential(name) || (QUERY_ONLY.has(name.toLowerCase()) && value.length >= SHORTEST_KEY)) return true;
  }
  return false;
}
