import { NotReadable } from './words.ts';

/** What a curl command would send. */
export type Command = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `name=value` pairs or texts, as they were given. */
  readonly data: readonly { readonly text: string; readonly encode: boolean }[];
  readonly form: readonly string[];
  readonly user: string | null;
  readonly timeoutMs: number | null;
  readonly notes: readonly string[];
};

type Mutable = { -readonly [K in keyof Command]: Command[K] extends readonly (infer T)[] ? T[] : Command[K] };
type Take = (command: Mutable & { get: boolean; json: boolean }, value: string) => void;

const header = (text: string): readonly [string, string] => {
  const at = text.indexOf(':');
  if (at < 1) throw new NotReadable(`the header ${JSON.stringify(text.slice(0, 60))} has no colon`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
};
const data: Take = (command, text) => command.data.push({ text, encode: false });

/** Options with a value. */
const VALUES: Readonly<Record<string, Take>> = {
  request: (command, value) => (command.method = value.toUpperCase()),
  header: (command, value) => command.headers.push(header(value)),
  data,
  'data-raw': data,
  'data-ascii': data,
  'data-binary': data,
  'data-urlencode': (command, text) => command.data.push({ text, encode: true }),
  json(command, text) {
    command.data.push({ text, encode: false });
    command.json = true;
  },
  form: (command, value) => command.form.push(value),
  'form-string': (command, value) => command.form.push(value),
  user: (command, value) => (command.user = value),
  'oauth2-bearer': (command, value) => command.headers.push(['Authorization', `Bearer ${value}`]),
  cookie: (command, value) => command.headers.push(['Cookie', value]),
  referer: (command, value) => command.headers.push(['Referer', value]),
  url: (command, value) => (command.url = value),
  'max-time': (command, value) => (command.timeoutMs = Math.round(Number(value) * 1000) || null),
  'user-agent': (command) => command.notes.push('the user agent is set by Countersign'),
  output: () => {},
  'write-out': () => {},
  'connect-timeout': () => {},
  retry: (command) => command.notes.push('calls are sent again only where the tool is marked idempotent'),
  'retry-delay': () => {},
  cacert: (command) => command.notes.push("the certificates of Countersign's machine are used"),
};

const SHORT: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  F: 'form',
  u: 'user',
  b: 'cookie',
  e: 'referer',
  m: 'max-time',
  A: 'user-agent',
  o: 'output',
  w: 'write-out',
  G: 'get',
  I: 'head',
  L: 'location',
  k: 'insecure',
};

const NOTED: Readonly<Record<string, string>> = {
  location: 'redirects are not followed',
  insecure: 'certificates are always checked',
};
/** What changes nothing about the request. */
const SILENT = new Set([
  'silent',
  'show-error',
  'verbose',
  'include',
  'compressed',
  'fail',
  'fail-with-body',
  'globoff',
  'http1.1',
  'http2',
  'no-buffer',
  'remote-name',
  'progress-bar',
  'tlsv1.2',
  'ipv4',
  'ipv6',
]);
const SILENT_SHORT = new Set([...'sSvifgNO#46']);

/** Reads the words of a curl command. Throws {@link NotReadable}. */
export function commandOf(words: readonly string[]): Command {
  if (words[0] !== 'curl') throw new NotReadable('it begins with curl');
  const command = {
    method: '',
    url: '',
    headers: [],
    data: [],
    form: [],
    user: null,
    timeoutMs: null,
    notes: [],
    get: false,
    json: false,
  } as Mutable & { get: boolean; json: boolean };
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at]!;
    if (!/^-./.test(word)) {
      if (command.url !== '') throw new NotReadable('one URL alone is read');
      command.url = word;
      continue;
    }
    const value = (): string => {
      at += 1;
      if (at >= words.length) throw new NotReadable(`${word.slice(0, 40)} has no value`);
      return words[at]!;
    };
    if (word.startsWith('--')) long(command, word.slice(2), value);
    else short(command, word.slice(1), value);
  }
  if (command.url === '') throw new NotReadable('it names no URL');
  if (command.json) {
    const names = new Set(command.headers.map(([name]) => name.toLowerCase()));
    if (!names.has('content-type')) command.headers.push(['Content-Type', 'application/json']);
  }
  const sends = command.data.length > 0 || command.form.length > 0;
  if (command.get && command.data.length > 0) {
    command.url += (command.url.includes('?') ? '&' : '?') + command.data.map(({ text }) => text).join('&');
    command.data = [];
  }
  if (command.method === '') command.method = sends && !command.get ? 'POST' : 'GET';
  return command;
}

type Read = Mutable & { get: boolean; json: boolean };

function long(command: Read, option: string, value: () => string): void {
  const [name = '', given] = option.split(/=(.*)/s, 2) as [string, string?];
  const take = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (take !== undefined) take(command, given ?? value());
  else flag(command, name);
}

function short(command: Read, cluster: string, value: () => string): void {
  for (let at = 0; at < cluster.length; at += 1) {
    const letter = cluster[at]!;
    if (SILENT_SHORT.has(letter)) continue;
    const name = Object.hasOwn(SHORT, letter) ? SHORT[letter]! : `-${letter}`;
    const take = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
    if (take === undefined) {
      flag(command, name);
      continue;
    }
    const rest = cluster.slice(at + 1);
    take(command, rest === '' ? value() : rest);
    return;
  }
}

function flag(command: Read, name: string): void {
  if (name === 'get') command.get = true;
  else if (name === 'head') command.method = 'HEAD';
  else if (Object.hasOwn(NOTED, name)) command.notes.push(NOTED[name]!);
  else if (!SILENT.has(name)) throw new NotReadable(`the option ${name.slice(0, 40)} is not read`);
}
