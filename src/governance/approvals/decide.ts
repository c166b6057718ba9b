import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { deny, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import { excludedFrom, policyEditor } from './policy-editor.ts';
import { refuseDecision, votesNeeded } from './rules.ts';
import type { DecisionInput } from './schemas.ts';
import { settleExecution } from './settle-execution.ts';

export type Decided = {
  readonly status: 'pending' | 'approved' | 'denied';
  readonly votes: number;
  readonly votesNeeded: number;
  /** The requester asked for the call to be made as soon as it is approved, and now it is. */
  readonly executeNow: boolean;
};

/**
 * Casts one person's vote. The approval's row is locked for the length of the transaction, so votes come one
 * after the other; the change of state is one conditional update by the database's clock.
 */
export async function decideApproval(
  ctx: { readonly tx: TenantTx; readonly actor: Actor; readonly userId: string },
  approvalId: string,
  input: DecisionInput,
): Promise<Decided | Refusal | Problem> {
  const { tx, actor, userId } = ctx;
  const voter = { userId, role: await presentRole(tx, userId) };
  const row = await tx.db
    .selectFrom('approvals')
    .selectAll()
    .select(sql<boolean>`expires_at <= clock_timestamp()`.as('expired'))
    .select(policyEditor('approvals').as('policy_editor'))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', approvalId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return deny('approval_not_found');

  const excludedUserIds = excludedFrom(row);
  // A vote counts while its voter is still a member who could cast it.
  const votes = await tx.db
    .selectFrom('approval_decisions as d')
    .leftJoin('workspace_members as m', (join) =>
      join.onRef('m.tenant_id', '=', 'd.tenant_id').onRef('m.user_id', '=', 'd.user_id'),
    )
    .where('d.tenant_id', '=', tx.tenantId)
    .where('d.approval_id', '=', approvalId)
    .select(['d.user_id', 'm.role'])
    .execute();
  const refused = refuseDecision(
    {
      status: row.status,
      expired: row.expired,
      payloadSha256: row.payload_sha256,
      excludedUserIds,
      approverUserIds: row.approver_user_ids,
      decidedBy: votes.map(({ user_id }) => user_id),
    },
    voter,
    input.payload_sha256,
  );
  if (refused !== undefined) return refused;
  if (input.decision === 'denied' && input.reason === undefined) {
    return problem('invalid_request', 'reason: say why you deny it', [
      { field: 'reason', message: 'say why you deny it' },
    ]);
  }

  await tx.db
    .insertInto('approval_decisions')
    .values({
      tenant_id: tx.tenantId,
      id: newId('apd'),
      approval_id: approvalId,
      user_id: voter.userId,
      decision: input.decision,
      reason: input.reason ?? null,
      payload_sha256: input.payload_sha256,
    })
    .execute();

  const needed = votesNeeded(row.policy);
  const counted = votes.filter(
    ({ user_id, role }) =>
      !excludedUserIds.includes(user_id) &&
      (role === 'owner' || role === 'admin' || (role === 'member' && row.approver_user_ids.includes(user_id))),
  );
  const granted = input.decision === 'granted' ? counted.length + 1 : counted.length;
  const status = input.decision === 'denied' ? 'denied' : granted >= needed ? 'approved' : 'pending';
  const moved = await tx.db
    .updateTable('approvals')
    .set({ status, ...(status !== 'pending' && { decided_at: sql<Date>`clock_timestamp()` }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', approvalId)
    .where('status', '=', 'pending')
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  if (moved.numUpdatedRows !== 1n) return deny('approval_expired');
  if (status === 'denied') await settleExecution(tx, row.execution_id, 'denied', 'approval_denied');

  await audit(tx, {
    event_type: input.decision === 'granted' ? 'approval.granted' : 'approval.denied',
    actor,
    resource: { kind: 'approval', id: approvalId },
    payload_sha256: row.payload_sha256,
    outcome: status,
    data: {
      approval_id: approvalId,
      execution_id: row.execution_id,
      tool: row.tool_name,
      payload_sha256: row.payload_sha256,
      approver_user_id: voter.userId,
      policy: row.policy,
      expires_at: row.expires_at.toISOString(),
      votes: granted,
      votes_needed: needed,
    },
  });
  await signal(tx, { kind: 'approval', tenantId: tx.tenantId, id: approvalId });
  return { status, votes: granted, votesNeeded: needed, executeNow: status === 'approved' && row.execute_on_approval };
}

/** The voter's role as it is now, held until the vote is cast: whoever is being removed votes before it or not at all. */
async function presentRole(tx: TenantTx, userId: string): Promise<Role | undefined> {
  const row = await tx.db
    .selectFrom('workspace_members')
    .select('role')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .forShare()
    .executeTakeFirst();
  return row?.role;
}
