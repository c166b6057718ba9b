import { z } from 'zod';
import { isId } from '../../kernel/ids.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { SECRET_NAME } from '../../kernel/secret-reference.ts';
import { boundHost } from '../../upstream/shapes.ts';

/** Shorter values are parts of other texts by chance, and would be taken out of answers they are not in. */
const VALUE_MIN = 8;
const VALUE_MAX_BYTES = 16 * 1024;
const HOSTS_MAX = 16;

const HOST =
  'write a host as in a URL, such as api.example.com, which means https on port 443, or api.example.com:8443';
const clientId = z.string().refine((id): boolean => isId('icl', id), { error: "write a client's id, icl_…" });

export const writeSecretInput = z.strictObject({
  name: z
    .string({ error: 'write a name such as PAYMENTS_API_KEY' })
    .regex(SECRET_NAME, 'use up to 64 upper-case letters, digits and _, with a letter first, such as PAYMENTS_API_KEY'),
  value: z
    .string({ error: 'write the value, a text' })
    .min(
      VALUE_MIN,
      `at least ${VALUE_MIN} characters: a shorter text turns up in answers by chance, so it could not be kept out of them`,
    )
    .refine((text) => Buffer.byteLength(text) <= VALUE_MAX_BYTES, { error: 'at most 16 KiB' }),
  hosts: z
    .array(
      z.string().refine((text) => boundHost(text) !== null, { error: HOST }),
      {
        error: 'write a list of the hosts that it may be sent to',
      },
    )
    .min(1, 'name at least one host that it may be sent to')
    .max(HOSTS_MAX, `at most ${HOSTS_MAX} hosts`)
    .describe('Where it may be sent: a host alone means https on port 443.'),
  client_id: clientId
    .nullable()
    .default(null)
    .describe("Whose own value it is, which wins over the workspace's; null for the workspace's."),
});
export type WriteSecretInput = z.infer<typeof writeSecretInput>;

export const listSecretsQuery = z.strictObject({ ...pageQuery('sec'), ...searched, client_id: clientId.optional() });
export type ListSecretsQuery = z.infer<typeof listSecretsQuery>;

export const secretView = z.object({
  id: z.string(),
  name: z.string(),
  client_id: z.string().nullable().describe("Whose own value it is; null for the workspace's."),
  hosts: z.array(z.string()),
  version: z.int(),
  versions: z
    .array(z.object({ number: z.int(), written_by: z.string(), written_at: z.iso.datetime() }))
    .describe('The present one and, where there is one, the one before it.'),
  used_by: z
    .array(z.object({ kind: z.enum(['connector', 'tool']), id: z.string(), name: z.string() }))
    .describe('The connectors and tools that name it, up to 100.'),
  last_used_at: z.iso.datetime().nullable().describe('To within a minute.'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type SecretView = z.infer<typeof secretView>;
