import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { deny, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import { readApproval } from './read.ts';
import { refuseSettled } from './rules.ts';

export type Withdrawn = { readonly status: 'pending'; readonly votes: number; readonly votes_needed: number };

/**
 * Takes back one's own grant while the approval still waits for others. The vote is gone as if it had never been cast,
 * so its voter may decide again; that there was one stays in the audit log.
 */
export async function withdrawDecision(
  ctx: { readonly tx: TenantTx; readonly actor: Actor; readonly userId: string; readonly role: Role },
  approvalId: string,
): Promise<Withdrawn | Refusal | Problem> {
  const { tx, actor, userId, role } = ctx;
  const row = await tx.db
    .selectFrom('approvals')
    .select(['status', 'execution_id', 'tool_name', 'policy', 'payload_sha256', 'expires_at'])
    .select(sql<boolean>`expires_at <= clock_timestamp()`.as('over'))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', approvalId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return deny('approval_not_found');
  const settled = refuseSettled(row.status);
  if (settled !== undefined) return settled;
  if (row.over) return deny('approval_expired');
  const { numDeletedRows } = await tx.db
    .deleteFrom('approval_decisions')
    .where('tenant_id', '=', tx.tenantId)
    .where('approval_id', '=', approvalId)
    .where('user_id', '=', userId)
    .where('decision', '=', 'granted')
    .executeTakeFirst();
  if (numDeletedRows !== 1n) return problem('conflict', 'You have not signed this approval.');
  const now = (await readApproval(tx, { kind: 'member', userId, role }, approvalId)) ?? { votes: 0, votes_needed: 0 };
  const { votes, votes_needed } = now;
  await audit(tx, {
    event_type: 'approval.withdrawn',
    actor,
    resource: { kind: 'approval', id: approvalId },
    payload_sha256: row.payload_sha256,
    outcome: 'withdrawn',
    data: {
      approval_id: approvalId,
      execution_id: row.execution_id,
      tool: row.tool_name,
      payload_sha256: row.payload_sha256,
      approver_user_id: userId,
      policy: row.policy,
      expires_at: row.expires_at.toISOString(),
      votes,
      votes_needed,
    },
  });
  await signal(tx, { kind: 'approval', tenantId: tx.tenantId, id: approvalId });
  return { status: 'pending', votes, votes_needed };
}
