import { z } from 'zod';
import { AUTHORIZATION_STATES } from '../../kernel/statuses.ts';

const parameter = (max: number) => z.string().max(max, `at most ${max} characters`);

/** What a provider sends a browser back with; further parameters are left out before. */
export const finishInput = z.strictObject({
  state: z.string({ error: 'write the parameter state of the callback' }).min(1).max(256),
  code: parameter(4096).optional(),
  iss: parameter(2048).optional(),
  error: parameter(256).optional(),
  error_description: parameter(4096).optional(),
});
export type FinishInput = z.infer<typeof finishInput>;

export const begunView = z.object({
  authorize_url: z.string().describe('Where the browser goes to authorize.'),
  expires_at: z.iso.datetime().describe('Until when it may come back.'),
});
export type BegunView = z.infer<typeof begunView>;

export const authorizationView = z.object({
  connector_id: z.string(),
  state: z
    .enum(AUTHORIZATION_STATES)
    .describe(
      '`ended`: the provider took it back; `changed`: the connector leads elsewhere now. Both have to be authorized again.',
    ),
  scopes: z.array(z.string()).describe('What the provider gave.'),
  scopes_missing: z.array(z.string()).describe('What the connector asks for, and the provider did not give.'),
  authorized_by: z.string().nullable(),
  authorized_at: z.iso.datetime().nullable(),
  renewed_at: z.iso.datetime().nullable(),
  expires_at: z.iso
    .datetime()
    .nullable()
    .describe('When the present token ends; null where the provider does not say.'),
  renewable: z.boolean().describe('Whether the next token is fetched without a person.'),
  reason: z.string().nullable().describe('Why it ended, in the code of the provider.'),
  redirect_uri: z.string().describe('What to register at the provider.'),
});
export type AuthorizationView = z.infer<typeof authorizationView>;
