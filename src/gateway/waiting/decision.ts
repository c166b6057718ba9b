import { setTimeout } from 'node:timers/promises';
import type { Sequencer } from '../../ledger/sequencer.ts';
import type { Store } from '../../store/store.ts';
import type { ApprovalStatus } from '../../store/tables.ts';
import type { Answer } from '../call.ts';
import { ANSWER_COLUMNS, HANDLER_KIND, recordedAnswer } from '../reads/recorded-answer.ts';

const RECHECK_MS = 2_000;
const EXECUTION_POLL_MS = 150;

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
  let wake = (): void => {};
  const unsubscribe = store.signals.subscribe((signal) => {
    if (signal.kind === 'reconnected' || (signal.kind === 'approval' && signal.id === approvalId)) wake();
  });
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const status = await statusOf(store, tenantId, approvalId);
      const leftMs = until - performance.now();
      if (status !== 'pending' || leftMs <= 0 || gone.aborted) return status;
      const timer = new AbortController();
      const signal = AbortSignal.any([gone, timer.signal]);
      await Promise.race([woken, setTimeout(Math.min(leftMs, RECHECK_MS), undefined, { signal }).catch(() => {})]);
      timer.abort();
    }
  } finally {
    unsubscribe();
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
  while (!gone.aborted && performance.now() < until) {
    await sequencer.settle();
    const call = await store.withTenant(tenantId, (tx) =>
      tx.db
        .selectFrom('agent_execution_logs as e')
        .select([...ANSWER_COLUMNS, HANDLER_KIND.as('handler_kind')])
        .where('e.tenant_id', '=', tenantId)
        .where('e.id', '=', executionId)
        .executeTakeFirstOrThrow(),
    );
    const answer = recordedAnswer(call);
    if (answer !== undefined) return answer;
    await setTimeout(EXECUTION_POLL_MS, undefined, { signal: gone }).catch(() => {});
  }
  return undefined;
}
