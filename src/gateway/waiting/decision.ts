import type { Sequencer } from '../../ledger/sequencer.ts';
import type { Store } from '../../store/store.ts';
import type { ApprovalStatus } from '../../store/tables.ts';
import type { Answer } from '../call.ts';
import { ANSWER_COLUMNS, HANDLER_KIND, recordedAnswer } from '../reads/recorded-answer.ts';
import { listen } from './ear.ts';

/**
 * Waits until the approval is decided, at most `maxMs` or until the caller goes away. Signals make it prompt;
 * asking again now and then makes it right.
 */
export async function awaitDecision(
  store: Store,
  tenantId: string,
  approvalId: string,
  maxMs: number,
  gone: AbortSignal,
): Promise<ApprovalStatus> {
  const until = performance.now() + maxMs;
  const ear = listen(store, (signal) => signal.kind === 'approval' && signal.id === approvalId);
  try {
    for (;;) {
      const status = await statusOf(store, tenantId, approvalId);
      const leftMs = until - performance.now();
      if (status !== 'pending' || leftMs <= 0 || gone.aborted) return status;
      await ear.next(leftMs, gone);
    }
  } finally {
    ear.close();
  }
}

async function statusOf(store: Store, tenantId: string, approvalId: string): Promise<ApprovalStatus> {
  const row = await store.withTenant(tenantId, (tx) =>
    tx.db
      .selectFrom('approvals')
      .select('status')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', approvalId)
      .executeTakeFirstOrThrow(),
  );
  return row.status;
}

/** Waits until an execution has ended, at most `maxMs`. Undefined when it has not. */
export async function awaitExecution(
  store: Store,
  sequencer: Sequencer,
  tenantId: string,
  executionId: string,
  maxMs: number,
  gone: AbortSignal,
): Promise<Answer | undefined> {
  const until = performance.now() + maxMs;
  const ear = listen(store, (signal) => signal.kind === 'audit' && signal.tenantIds.includes(tenantId));
  try {
    while (!gone.aborted && performance.now() < until) {
      const answer = await endedExecution(store, sequencer, tenantId, executionId);
      if (answer !== undefined) return answer;
      await ear.next(until - performance.now(), gone);
    }
    return undefined;
  } finally {
    ear.close();
  }
}

async function endedExecution(
  store: Store,
  sequencer: Sequencer,
  tenantId: string,
  executionId: string,
): Promise<Answer | undefined> {
  await sequencer.settle();
  const call = await store.withTenant(tenantId, (tx) =>
    tx.db
      .selectFrom('agent_execution_logs as e')
      .select([...ANSWER_COLUMNS, HANDLER_KIND.as('handler_kind')])
      .where('e.tenant_id', '=', tenantId)
      .where('e.id', '=', executionId)
      .executeTakeFirstOrThrow(),
  );
  return recordedAnswer(call);
}
