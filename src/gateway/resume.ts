import { deny, type Refusal } from '../kernel/codes.ts';
import { isId } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
import type { Call, Facts, Go } from './call.ts';
import { envelopeOf } from './envelope-of.ts';

/**
 * Holds a call that names an approval against that approval: its principal, state and time to live, the tool's
 * definition, and the hash over exactly what would be sent now. Consuming it checks state, time and hash once
 * more, in the statement that records the intent.
 */
export async function checkApproval(store: Store, call: Call, facts: Facts, approvalId: string): Promise<Go | Refusal> {
  if (!isId('apv', approvalId)) return deny('approval_not_found');
  const { row, at } = await store.withTenant(facts.tenantId, async (tx) => ({
    at: tx.at,
    row: await tx.db
      .selectFrom('approvals')
      .selectAll()
      .where('tenant_id', '=', tx.tenantId)
      .where('id', '=', approvalId)
      .executeTakeFirst(),
  }));
  const isOwn = row?.principal_kind === facts.principal.kind && row.principal_id === facts.principal.id;
  if (row === undefined || !isOwn) return deny('approval_not_found');
  switch (row.status) {
    case 'denied':
      return deny('approval_denied');
    case 'cancelled':
      return deny('approval_cancelled');
    case 'consumed':
      return deny(
        'approval_consumed',
        `The approval has been used. Read what came of it at /v1/executions/${row.execution_id}.`,
      );
    case 'expired':
      return deny('approval_expired');
    case 'superseded':
      return deny('approval_hash_mismatch', 'The payload was edited after the approval was requested.');
  }
  if (row.expires_at <= at) return deny('approval_expired');
  if (row.status === 'pending') return deny('approval_pending');
  if (row.definition_sha256 !== facts.tool!.definitionSha256) return deny('definition_drift');
  // A grant that was taken back stays taken back for what waited under it, also when it is given anew.
  if (facts.grant!.createdAt !== undefined && facts.grant!.createdAt > row.created_at) {
    return deny('definition_drift', 'The grant was made anew after the approval was requested. Call again.');
  }
  const { payloadSha256 } = envelopeOf(call, facts, row.execution_id);
  if (payloadSha256 !== row.payload_sha256) return deny('approval_hash_mismatch');
  return { kind: 'go', executionId: row.execution_id, approvalId, payloadSha256 };
}
