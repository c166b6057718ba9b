import { sql } from 'kysely';
import { approvalEvent } from '../../held/approval-event.ts';
import { endHeldCall } from '../../held/end-call.ts';
import type { Actor } from '../../kernel/actor.ts';
import { deny, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import type { TenantTx } from '../../store/store.ts';
import { holdGrant, holdRole } from './facts.ts';
import { movePending } from './move-pending.ts';
import { refuseDecision } from './rules.ts';
import type { DecisionInput } from './schemas.ts';
import { type Person, votesNeeded, votesThatCount } from './who-decides.ts';

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
  const voter = { userId, role: await holdRole(tx, userId) };
  const grant = await holdGrant(tx, approvalId);
  const row = await tx.db
    .selectFrom('approvals as a')
    .selectAll('a')
    .select(sql<boolean>`expires_at <= clock_timestamp()`.as('expired'))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', approvalId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return deny('approval_not_found');

  const votes = await votesCast(tx, approvalId);
  const asked = { ...row, grant, decidedBy: votes.map(({ userId }) => userId) };
  const refused = refuseDecision(asked, voter, input.payload_sha256);
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
  const counted = votesThatCount(votes, asked).length;
  const granted = input.decision === 'granted' ? counted + 1 : counted;
  const status = input.decision === 'denied' ? 'denied' : granted >= needed ? 'approved' : 'pending';
  if (!(await movePending(tx, approvalId, status))) return deny('approval_expired');
  if (status === 'denied') await endHeldCall(tx, row.execution_id, 'denied', 'approval_denied');

  const event_type = input.decision === 'granted' ? 'approval.granted' : 'approval.denied';
  const data = { approver_user_id: voter.userId, votes: granted, votes_needed: needed };
  await audit(tx, { actor, ...approvalEvent(row, { event_type, outcome: status }, data) });
  await signal(tx, { kind: 'approval', tenantId: tx.tenantId, id: approvalId });
  return { status, votes: granted, votesNeeded: needed, executeNow: status === 'approved' && row.execute_on_approval };
}

/** Every vote for and against, with its voter's role as it is now. */
async function votesCast(tx: TenantTx, approvalId: string): Promise<Person[]> {
  const rows = await tx.db
    .selectFrom('approval_decisions as d')
    .leftJoin('workspace_members as m', (join) =>
      join.onRef('m.tenant_id', '=', 'd.tenant_id').onRef('m.user_id', '=', 'd.user_id'),
    )
    .where('d.tenant_id', '=', tx.tenantId)
    .where('d.approval_id', '=', approvalId)
    .select(['d.user_id', 'm.role'])
    .execute();
  return rows.map(({ user_id, role }) => ({ userId: user_id, role }));
}
