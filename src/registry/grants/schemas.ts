import { z } from 'zod';
import { userId } from '../../identity/members/schemas.ts';
import { EFFECTS, POLICIES } from '../../kernel/codes.ts';
import { isId } from '../../kernel/ids.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { toolName } from '../tools/schemas.ts';
import { grantRule, rulesInput } from './rules.ts';

const policy = z.enum(POLICIES, { error: `write one of ${POLICIES.join(', ')}` });
const approverUserIds = z
  .array(userId, { error: "write a list of members' ids" })
  .max(20, 'at most 20 approvers')
  .refine((ids) => new Set(ids).size === ids.length, { error: 'name each approver once' });

const justificationRequired = z
  .boolean({ error: 'write true or false' })
  .describe('Whether a call has to say why it is made (`justification`).');

export const createGrantInput = z
  .strictObject({
    tool_id: z
      .string()
      .refine((id): boolean => isId('tool', id), { error: "write a tool's id, tool_…" })
      .optional(),
    tool: toolName.optional(),
    policy: policy.optional(),
    approver_user_ids: approverUserIds.default([]),
    rules: rulesInput.optional(),
    justification_required: justificationRequired.optional(),
  })
  .refine(({ tool_id, tool }) => (tool_id === undefined) !== (tool === undefined), {
    error: 'write either tool_id or tool, the name of a tool',
    path: ['tool'],
  });
export type CreateGrantInput = z.infer<typeof createGrantInput>;

export const updateGrantInput = z.strictObject({
  policy: policy.optional(),
  approver_user_ids: approverUserIds.optional(),
  rules: rulesInput.optional(),
  justification_required: justificationRequired.optional(),
});
export type UpdateGrantInput = z.infer<typeof updateGrantInput>;

export const listGrantsQuery = z.strictObject({ ...pageQuery('grt'), ...searched });

export type ListGrantsQuery = z.infer<typeof listGrantsQuery>;

export const grantView = z.object({
  id: z.string(),
  client_id: z.string(),
  tool_id: z.string(),
  tool: z.string(),
  effect: z.enum(EFFECTS),
  policy: z.enum(POLICIES),
  approver_user_ids: z.array(z.string()).describe('Members who may decide beside owner and admins.'),
  rules: z.array(grantRule).describe('What raises the policy, in their order. A rule never lowers it.'),
  justification_required: z.boolean(),
  updated_by: z.string().describe('Who chose the policy. Under approve-dual they may not decide.'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  version: z.int(),
});
export type GrantView = z.infer<typeof grantView>;

export const changedGrantView = grantView.extend({ warnings: z.array(z.string()) });
export type ChangedGrantView = z.infer<typeof changedGrantView>;
