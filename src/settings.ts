import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { parseTrustedProxies } from './identity/client-address.ts';
import { parseEgressAllow } from './upstream/egress-exceptions.ts';
import { parseStdioAllow } from './upstream/kinds/mcp/stdio/allow.ts';
import { readKmsKeys } from './vault/kms-key.ts';

/** A setting is missing, unknown or wrong. The message says what to write. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const port = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'must be a port from 0 to 65535, such as 3000', abort: true })
  .transform(Number)
  .refine((number) => number <= 65_535, 'must be a port from 0 to 65535, such as 3000');
const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `must be a URL such as ${example}`, abort: true });
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

/** An address or a name to listen on. An IPv6 address may stand in the brackets it has in a URL. */
const host = z
  .string()
  .transform((text) => (/^\[.*\]$/.test(text) && isIPv6(text.slice(1, -1)) ? text.slice(1, -1) : text))
  .refine((text) => URL.canParse(`http://${isIPv6(text) ? `[${text}]` : text}/`) && !/[@:/?#]/.test(nameOf(text)), {
    error: 'must be an address or a name of this machine, without a port, such as 127.0.0.1',
  });

function nameOf(text: string): string {
  return isIPv6(text) ? '' : text;
}

const MAKE_ONE = 'make one with: openssl rand -base64 32';

/** What is wrong with a list of keys, or null. The first of several is the present one. */
function keysProblem(keys: readonly string[]): string | null {
  const which = (key: string): string => (keys.length === 1 ? '' : `, and key ${keys.indexOf(key) + 1} of it is not`);
  const short = keys.find((key) => !/^[\w+/-]{43}=?$/.test(key));
  if (short !== undefined) return `must be 32 random bytes in base64${which(short)}; ${MAKE_ONE}`;
  const bytes = keys.map((key) => Buffer.from(key, 'base64url'));
  const example = bytes.findIndex((key) => new Set(key).size <= 8);
  if (example !== -1) {
    return `${keys.length === 1 ? 'is' : `has as key ${example + 1}`} a default or example key; ${MAKE_ONE}`;
  }
  const twice = new Set(bytes.map((key) => key.toString('hex'))).size < keys.length;
  return twice ? 'names one key twice; name each once, the present one first' : null;
}

/** Pages are served at the root of a host, so an address below it would lead nowhere. */
const publicUrl = url(/^https?$/, 'https://gate.example.com')
  .refine(
    (text) => {
      const { pathname, search, hash, username, password } = new URL(text);
      return pathname === '/' && `${search}${hash}${username}${password}` === '';
    },
    {
      error:
        'must have no path, query or login: Countersign is served at the root of a host, such as https://gate.example.com',
    },
  )
  .transform((text) => new URL(text).origin);

const schema = z.object({
  PORT: port.default(3000),
  HOST: host.default('127.0.0.1'),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://user@host:5432/countersign').optional(),
  REDIS_URL: url(/^rediss?$/, 'redis://host:6379').optional(),
  COUNTERSIGN_DATA_DIR: z.string().min(1).default('./.countersign'),
  COUNTERSIGN_PUBLIC_URL: publicUrl.optional(),
  COUNTERSIGN_SECRETS_KEY: z
    .string()
    .transform((text, ctx) => {
      const keys = text.split(',').map((key) => key.trim());
      const message = keysProblem(keys);
      if (message === null) return keys;
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional(),
  COUNTERSIGN_KMS_KEY_ID: z
    .string()
    .transform((text, ctx) => {
      const keys = readKmsKeys(text);
      if (typeof keys !== 'string') return keys;
      ctx.addIssue({ code: 'custom', message: keys });
      return z.NEVER;
    })
    .optional(),
  COUNTERSIGN_EGRESS_ALLOW: z
    .string()
    .default('')
    .transform((text, ctx) => {
      const parsed = parseEgressAllow(text);
      if (parsed.ok) return parsed.allow;
      ctx.addIssue({ code: 'custom', message: `is not acceptable: ${parsed.message}` });
      return z.NEVER;
    }),
  COUNTERSIGN_MCP_STDIO_ALLOW: z
    .string()
    .default('')
    .transform((text, ctx) => {
      const parsed = parseStdioAllow(text);
      if (parsed.ok) return parsed.allow;
      ctx.addIssue({ code: 'custom', message: `is not acceptable: ${parsed.message}` });
      return z.NEVER;
    }),
  COUNTERSIGN_MCP_STDIO_MEMORY_MB: z
    .string()
    .regex(/^\d{2,6}$/, 'must be a number of MiB from 64 to 65536, such as 1024')
    .default('1024')
    .transform(Number)
    .refine((number) => number >= 64 && number <= 65_536, 'must be a number of MiB from 64 to 65536, such as 1024'),
  COUNTERSIGN_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text, ctx) => {
      const parsed = parseTrustedProxies(text);
      if (parsed.ok) return parsed.proxies;
      ctx.addIssue({ code: 'custom', message: `is not acceptable: ${parsed.message}` });
      return z.NEVER;
    }),
  COUNTERSIGN_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text, ctx) => {
      const hosts = text
        .split(',')
        .map((host) => host.trim().toLowerCase())
        .filter((host) => host !== '');
      const wrong = hosts.find((host) => !/^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?$/.test(host));
      if (wrong === undefined) return hosts;
      ctx.addIssue({ code: 'custom', message: `must be host names such as gate.internal,gate.lan:8443, not ${wrong}` });
      return z.NEVER;
    }),
  COUNTERSIGN_SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      error: 'must be a URL such as smtp://user:password@mail.example.com:587',
      abort: true,
    })
    .optional(),
  COUNTERSIGN_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n<>]{0,100}(?:<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/, {
      error: 'must be a sender such as Countersign <countersign@example.com>',
    })
    .optional(),
  COUNTERSIGN_LOG_LEVEL: z.enum(LEVELS, { error: `must be one of ${LEVELS.join(', ')}` }).default('info'),
});

/** Every setting of the process, read once. `docs/settings.md` describes each. */
export type Settings = z.infer<typeof schema>;

/** An empty list is a list. Any other setting that is there and empty was meant to be something else. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set([
  'COUNTERSIGN_EGRESS_ALLOW',
  'COUNTERSIGN_MCP_STDIO_ALLOW',
  'COUNTERSIGN_TRUSTED_PROXIES',
  'COUNTERSIGN_ALLOWED_HOSTS',
]);

/**
 * Reads the settings from the environment. Throws `BadSettings` with one sentence per mistake, also for a
 * `COUNTERSIGN_*` name that does not exist: a misspelt safety setting must not be silently ignored.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const known = (name: string): boolean => Object.hasOwn(schema.shape, name);
  const given = Object.entries(env).filter(([, value]) => value !== undefined);
  const unknown = given.filter(([name]) => name.startsWith('COUNTERSIGN_') && !known(name));
  const empty = given.filter(([name, value]) => value === '' && known(name) && !MAY_BE_EMPTY.has(name));
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== '')));
  const { COUNTERSIGN_SMTP_URL: smtp, COUNTERSIGN_MAIL_FROM: from } = env;
  const mistakes = [
    ...unknown.map(([name]) => `${name} is not a setting. The settings are: ${Object.keys(schema.shape).join(', ')}.`),
    ...empty.map(([name]) => `${name} is set to nothing. Write a value, or unset it.`),
    ...((smtp === undefined) === (from === undefined)
      ? []
      : [`${smtp ? 'COUNTERSIGN_MAIL_FROM' : 'COUNTERSIGN_SMTP_URL'} is not set. E-mail needs both.`]),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}.`),
  ];
  if (!parsed.success || mistakes.length > 0) throw new BadSettings(mistakes.join('\n'));
  return parsed.data;
}
