import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { isRefused, type Problem } from '../../kernel/codes.ts';
import { findTool } from '../tools/read.ts';
import { refusedApprovers } from './approvers.ts';
import { findGrant, grantState } from './read.ts';
import { type CheckRules, keepRules, NO_RULES } from './rules.ts';
import type { ChangedGrantView, UpdateGrantInput } from './schemas.ts';
import { warningsOf } from './warnings.ts';

/** Changes a grant's policy, rules or approvers. Whoever does so may not decide dual approvals under it. */
export async function updateGrant(
  ctx: Verb,
  input: UpdateGrantInput & { readonly clientId: string; readonly id: string; readonly ifVersion?: number | undefined },
  check: CheckRules = NO_RULES,
): Promise<ChangedGrantView | Problem> {
  const { tx, actor } = ctx;
  const { clientId, id, ifVersion } = input;
  const grant = await edit(ctx, {
    read: () => findGrant(tx, clientId, id),
    async update(before) {
      const refused = input.approver_user_ids && (await refusedApprovers(tx, input.approver_user_ids));
      if (refused) return refused;
      const rules =
        input.rules && keepRules(input.rules, (await findTool(tx, before.tool_id))?.input_schema, before.rules, check);
      if (isRefused(rules)) return rules;
      const { policy = before.policy, approver_user_ids = before.approver_user_ids } = input;
      const { justification_required = before.justification_required } = input;
      const set = {
        policy,
        approver_user_ids,
        justification_required,
        ...(rules && { rules: JSON.stringify(rules) }),
        updated_by: actor.id,
      };
      return updateVersion(tx, 'grants', { id, version: ifVersion ?? before.version }, set);
    },
    event: { type: 'policy.updated', kind: 'grant', id, state: grantState },
  });
  return isRefused(grant) ? grant : { ...grant, warnings: warningsOf(grant.effect, grant.policy) };
}
