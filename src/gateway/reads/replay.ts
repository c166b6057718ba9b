import { deny } from '../../kernel/codes.ts';
import { isId } from '../../kernel/ids.ts';
import type { Answer, Call, Denied } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import { readApproval } from '../facts/queries.ts';
import { runKeys } from '../facts/run-of.ts';
import { labelReader } from '../record/read-again.ts';
import { record } from '../record/record.ts';
import { refuseApproval } from '../rule/steps/approval.ts';
import { ANSWER_COLUMNS, HANDLER_KIND, recordedAnswer } from './recorded-answer.ts';

/** People have granted the earlier call: it is made now, as the call that names their approval. */
type Approved = { readonly kind: 'approved'; readonly call: Call };

/**
 * What the earlier call with this Idempotency-Key has come to by now: its answer, what people said, that it still waits,
 * or that it may run. The same request again is always safe and always told the present truth.
 */
export async function replay(deps: Deps, call: Call, facts: Facts, executionId: string): Promise<Answer | Approved> {
  if (isId('drf', executionId)) return replayDraft(deps, call, facts, executionId);
  await deps.sequencer.settle();
  const { first, approval } = await deps.store.withTenant(facts.tenantId, async (tx) => {
    const row = await tx.db
      .selectFrom('idempotency_keys as k')
      .innerJoin('agent_execution_logs as e', (join) =>
        join.onRef('e.tenant_id', '=', 'k.tenant_id').onRef('e.id', '=', 'k.execution_id'),
      )
      .leftJoin('approvals as a', (join) =>
        join.onRef('a.tenant_id', '=', 'e.tenant_id').onRef('a.id', '=', 'e.approval_id'),
      )
      .where('k.tenant_id', '=', tx.tenantId)
      .where('k.principal_id', '=', facts.principal.id)
      .where('k.key', '=', call.idempotencyKey!)
      .select(['k.request_sha256', 'e.payload_sha256', 'e.approval_id', 'e.tool_id'])
      .select(ANSWER_COLUMNS.map((column) => `e.${column}` as const))
      .select(['a.policy', 'a.expires_at', 'a.execute_on_approval', HANDLER_KIND.as('handler_kind')])
      .executeTakeFirstOrThrow();
    if (row.request_sha256 === call.requestSha256 && (row.result ?? row.error) !== null) {
      const { ip, requestId } = call;
      const actor = {
        ...facts.principal,
        ...(ip !== undefined && { ip }),
        ...(requestId !== undefined && { requestId }),
      };
      const reader = { actor, runs: runKeys(call, facts).write };
      await labelReader(tx, reader, { executionId: row.id, toolId: row.tool_id });
    }
    return {
      first: row,
      approval: row.approval_id === null ? null : await readApproval(tx, row.approval_id, facts.principal.id),
    };
  });
  if (first.request_sha256 !== call.requestSha256)
    return refuse(deps, call, facts, { ...deny('idempotency_mismatch') });
  if (first.status === 'running') return refuse(deps, call, facts, { ...deny('idempotency_in_progress') });
  const ended = approval === null ? undefined : refuseApproval(approval);
  if (first.status !== 'pending_approval') {
    const answer = recordedAnswer(first)!;
    // What people said of it is told again, and why.
    return answer.kind === 'deny' && approval !== null
      ? { ...answer, ...reasonOf(ended), approvalId: approval.id }
      : answer;
  }
  if (ended !== undefined && ended.code !== 'approval_pending') {
    return { ...ended, executionId, approvalId: approval!.id };
  }
  // What asked to be made once it is approved is being made already.
  if (approval!.status === 'approved' && !first.execute_on_approval) {
    const { idempotencyKey: _key, requestSha256: _sha256, ...rest } = call;
    return { kind: 'approved', call: { ...rest, approvalId: approval!.id } };
  }
  return {
    kind: 'pending',
    executionId,
    approvalId: approval!.id,
    payloadSha256: first.payload_sha256!,
    policy: first.policy!,
    expiresAt: first.expires_at!,
  };
}

/** The request was drafted: what has become of the draft. */
async function replayDraft(deps: Deps, call: Call, facts: Facts, draftId: string): Promise<Answer> {
  const row = await deps.store.withTenant(facts.tenantId, (tx) =>
    tx.db
      .selectFrom('idempotency_keys as k')
      .leftJoin('drafts as d', (join) =>
        join.onRef('d.tenant_id', '=', 'k.tenant_id').onRef('d.id', '=', 'k.execution_id'),
      )
      .where('k.tenant_id', '=', tx.tenantId)
      .where('k.principal_id', '=', facts.principal.id)
      .where('k.key', '=', call.idempotencyKey!)
      .select(['k.request_sha256', 'd.status'])
      .executeTakeFirstOrThrow(),
  );
  if (row.request_sha256 !== call.requestSha256) return refuse(deps, call, facts, { ...deny('idempotency_mismatch') });
  // One that was removed for its age was discarded.
  return { kind: 'draft', draftId, status: row.status ?? 'discarded' };
}

/** A request that cannot have the earlier call's answer is one refused call more. */
async function refuse(deps: Deps, call: Call, facts: Facts, refusal: Denied): Promise<Answer> {
  const { idempotencyKey: _, ...rest } = call;
  const own = { ...facts, earlierExecutionId: null };
  const recorded = await record(deps, rest, own, { outcome: 'deny', refusal, policy: null });
  return recorded.kind === 'stands' ? recorded.answer! : refusal;
}

function reasonOf(ended: Denied | undefined): Partial<Denied> {
  return ended?.approverReason === undefined ? {} : { detail: ended.detail, approverReason: ended.approverReason };
}
