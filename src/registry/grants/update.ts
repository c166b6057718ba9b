import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { refusedApprovers } from './approvers.ts';
import { warningsOf } from './default-policy.ts';
import { findGrant, grantState } from './read.ts';
import type { ChangedGrantView, UpdateGrantInput } from './schemas.ts';

/** Changes a grant's policy or approvers. Whoever does so may not decide dual approvals under it. */
export async function updateGrant(
  { tx, actor }: Verb,
  input: UpdateGrantInput & { readonly clientId: string; readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ChangedGrantView | Problem> {
  const { clientId, id, ifVersion } = input;
  await lockConfiguration(tx);
  const before = await findGrant(tx, clientId, id);
  if (before === undefined) return problem('not_found');
  const policy = input.policy ?? before.policy;
  const approver_user_ids = input.approver_user_ids ?? before.approver_user_ids;
  const refused = input.approver_user_ids && (await refusedApprovers(tx, approver_user_ids));
  if (refused) return refused;
  const { numUpdatedRows } = await tx.db
    .updateTable('grants')
    .set({ policy, approver_user_ids, updated_by: actor.id, version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('version', '=', ifVersion ?? before.version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('version_mismatch');
  const grant = (await findGrant(tx, clientId, id))!;
  await audit(tx, {
    event_type: 'policy.updated',
    actor,
    resource: { kind: 'grant', id },
    outcome: 'updated',
    before_state: grantState(before),
    after_state: grantState(grant),
  });
  return { ...grant, warnings: warningsOf(grant.effect, grant.policy) };
}
