import { z } from 'zod';
import { userId } from '../../identity/members/schemas.ts';
import { oneOf } from '../../kernel/filters.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { CLIENT_STATUSES } from '../../kernel/statuses.ts';
import { line, prose } from '../../kernel/text.ts';

const name = line(80);
const description = prose(1000);
const rpmLimit = z
  .int('write a whole number of calls per minute')
  .min(0, 'at least 0, which is no limit')
  .max(1_000_000, 'at most 1000000 calls per minute');

const trustedRunIds = z.boolean({ error: 'write true or false' });

export const createClientInput = z.strictObject({
  name,
  description: description.default(''),
  draft_only: z.boolean().default(false),
  rpm_limit: rpmLimit.default(600),
  trusted_run_ids: trustedRunIds.default(false),
});
export type CreateClientInput = z.infer<typeof createClientInput>;

export const updateClientInput = z.strictObject({
  name: name.optional(),
  description: description.optional(),
  draft_only: z.boolean().optional(),
  rpm_limit: rpmLimit.optional(),
  trusted_run_ids: trustedRunIds.optional(),
  owner_user_id: userId.optional(),
});
export type UpdateClientInput = z.infer<typeof updateClientInput>;

export const listClientsQuery = z.strictObject({
  ...pageQuery('icl'),
  ...searched,
  status: oneOf(CLIENT_STATUSES).optional(),
});
export type ListClientsQuery = z.infer<typeof listClientsQuery>;

/** An external agent, registered in one workspace. Published as the contract `integrationClient`. */
export const clientView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  draft_only: z.boolean().describe('May only call tools with the effects read and draft.'),
  rpm_limit: z.int().describe('Calls per minute; 0 is no limit.'),
  trusted_run_ids: z
    .boolean()
    .describe('The ids of its runs come from its application, and not from its model: each run keeps its own labels.'),
  owner_user_id: z.string().describe('Who registered it. Under approve-dual they may not decide what it asks for.'),
  status: z.enum(CLIENT_STATUSES),
  last_used_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable(),
  version: z.int(),
});
export type ClientView = z.infer<typeof clientView>;

const counts = z.object({
  total: z.int(),
  by_status: z.record(z.string(), z.int()),
  denied_by_code: z.record(z.string(), z.int()),
});
export const clientUsageView = z.object({
  client_id: z.string(),
  rpm_limit: z.int(),
  last_used_at: z.iso.datetime().nullable(),
  last_24_hours: counts,
  last_30_days: counts,
});
export type ClientUsageView = z.infer<typeof clientUsageView>;
