import { z } from 'zod';
import { pageQuery } from '../../kernel/page.ts';
import { TOKEN_STATUSES } from '../../kernel/statuses.ts';
import { line } from '../../kernel/text.ts';

export const OVERLAP_DEFAULT_SECONDS = 86_400;

const expiry = {
  expires_in_days: z
    .number('write a number of days')
    .min(1 / 1440, 'at least a minute')
    .max(3652, 'at most ten years')
    .optional(),
  expires_at: z.iso.datetime({ offset: true, error: 'write a time such as 2027-01-31T12:00:00Z' }).optional(),
};
const oneExpiry = {
  when: ({ expires_in_days, expires_at }: { expires_in_days?: unknown; expires_at?: unknown }) =>
    expires_in_days === undefined || expires_at === undefined,
  complaint: { error: 'write either expires_in_days or expires_at', path: ['expires_at'] },
};

export const createTokenInput = z
  .strictObject({ name: line(80), ...expiry })
  .refine(oneExpiry.when, oneExpiry.complaint);
export type CreateTokenInput = z.infer<typeof createTokenInput>;

export const rotateTokenInput = z
  .strictObject({
    overlap_seconds: z
      .int('write a whole number of seconds')
      .min(0, 'at least 0, which ends the old token at once')
      .max(604_800, 'at most 604800 seconds (a week)')
      .default(OVERLAP_DEFAULT_SECONDS),
    ...expiry,
  })
  .refine(oneExpiry.when, oneExpiry.complaint);
export type RotateTokenInput = z.infer<typeof rotateTokenInput>;

export const listTokensQuery = z.strictObject(pageQuery('tok'));

/** A token without its secret. */
export const tokenView = z.object({
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  prefix: z.string().describe('What the token starts with, after cs_live_.'),
  status: z.enum(TOKEN_STATUSES),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable(),
  rotated_to: z.string().nullable().describe('The token that replaces this one.'),
});
export type TokenView = z.infer<typeof tokenView>;

export const createdTokenView = tokenView.extend({
  token: z.string().describe('The token itself. Only this answer holds it.'),
});
export type CreatedTokenView = z.infer<typeof createdTokenView>;
