import { z } from 'zod';
import { parseTrustedProxies } from './identity/client-address.ts';
import { parseEgressAllow } from './upstream/egress-exceptions.ts';

/** A setting is missing, unknown or wrong. The message says what to write. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const port = z.coerce.number().int().min(0).max(65_535);
const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `must be a URL such as ${example}` });

const schema = z.object({
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://user@host:5432/countersign').optional(),
  REDIS_URL: url(/^rediss?$/, 'redis://host:6379').optional(),
  COUNTERSIGN_DATA_DIR: z.string().min(1).default('./.countersign'),
  COUNTERSIGN_PUBLIC_URL: url(/^https?$/, 'https://gate.example.com').optional(),
  COUNTERSIGN_SECRETS_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64url').length === 32, {
      error: 'must be 32 random bytes in base64; make one with: openssl rand -base64 32',
    })
    .refine((key) => new Set(Buffer.from(key, 'base64url')).size > 8, {
      error: 'is a default or example key; make one with: openssl rand -base64 32',
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
  COUNTERSIGN_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

/** Every setting of the process, read once. `docs/settings.md` describes each. */
export type Settings = z.infer<typeof schema>;

/**
 * Reads the settings from the environment. Throws `BadSettings` with one sentence per mistake, also for a
 * `COUNTERSIGN_*` name that does not exist: a misspelt safety setting must not be silently ignored.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const unknown = Object.keys(given).filter((name) => name.startsWith('COUNTERSIGN_') && !(name in schema.shape));
  const parsed = schema.safeParse(given);
  const mistakes = [
    ...unknown.map((name) => `${name} is not a setting. The settings are: ${Object.keys(schema.shape).join(', ')}.`),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}.`),
  ];
  if (!parsed.success || mistakes.length > 0) throw new BadSettings(mistakes.join('\n'));
  return parsed.data;
}
