import { deny } from '../kernel/codes.ts';
import type { Answer, Call, Facts } from './call.ts';
import type { Parts } from './parts.ts';
import { recordedAnswer } from './recorded-answer.ts';

/** The answer of the earlier call that has this Idempotency-Key, from what is recorded of it. */
export async function replay({ store, sequencer }: Parts, call: Call, facts: Facts): Promise<Answer> {
  await sequencer.settle();
  const first = await store.withTenant(facts.tenantId, (tx) =>
    tx.db
      .selectFrom('agent_execution_logs as e')
      .leftJoin('approvals as a', (join) =>
        join.onRef('a.tenant_id', '=', 'e.tenant_id').onRef('a.id', '=', 'e.approval_id'),
      )
      .where('e.tenant_id', '=', tx.tenantId)
      .where('e.principal_id', '=', facts.principal.id)
      .where('e.idempotency_key', '=', call.idempotencyKey!)
      .select(['e.id', 'e.status', 'e.code', 'e.detail', 'e.result', 'e.error', 'e.request_sha256', 'e.payload_sha256'])
      .select(['a.id as approval_id', 'a.policy', 'a.expires_at'])
      .executeTakeFirstOrThrow(),
  );
  const executionId = first.id;
  if (first.request_sha256 !== call.requestSha256) return { ...deny('idempotency_mismatch'), executionId };
  const answer = recordedAnswer(first);
  if (answer !== undefined) return answer;
  if (first.status === 'running') return { ...deny('idempotency_in_progress'), executionId };
  return {
    kind: 'pending',
    executionId,
    approvalId: first.approval_id!,
    payloadSha256: first.payload_sha256!,
    policy: first.policy!,
    expiresAt: first.expires_at!,
  };
}
