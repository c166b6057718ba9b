import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { isRefused, type Problem } from '../../kernel/codes.ts';
import { refusedApprovers } from './approvers.ts';
import { findGrant, grantState } from './read.ts';
import type { ChangedGrantView, UpdateGrantInput } from './schemas.ts';
import { warningsOf } from './warnings.ts';

/** Changes a grant's policy or approvers. Whoever does so may not decide dual approvals under it. */
export async function updateGrant(
  ctx: Verb,
  input: UpdateGrantInput & { readonly clientId: string; readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ChangedGrantView | Problem> {
  const { tx, actor } = ctx;
  const { clientId, id, ifVersion } = input;
  const grant = await edit(ctx, {
    read: () => findGrant(tx, clientId, id),
    async update(before) {
      const refused = input.approver_user_ids && (await refusedApprovers(tx, input.approver_user_ids));
      if (refused) return refused;
      const { policy = before.policy, approver_user_ids = before.approver_user_ids } = input;
      const set = { policy, approver_user_ids, updated_by: actor.id };
      return updateVersion(tx, 'grants', { id, version: ifVersion ?? before.version }, set);
    },
    event: { type: 'policy.updated', kind: 'grant', id, state: grantState },
  });
  return isRefused(grant) ? grant : { ...grant, warnings: warningsOf(grant.effect, grant.policy) };
}
