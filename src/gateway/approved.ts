import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { parseEnvelope } from '../kernel/envelope.ts';
import { newId } from '../kernel/ids.ts';
import { canonicalBytesOf } from '../kernel/jcs.ts';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { Store } from '../store/store.ts';
import type { ApprovalStatus } from '../store/tables.ts';
import type { Answer, Call } from './call.ts';
import type { Dispatch } from './dispatch.ts';
import { ANSWER_COLUMNS, recordedAnswer } from './recorded-answer.ts';

/** How the gateway goes on once people have decided. */

/** An attempt of which nothing came in this time died with its node, or met a store that was away. */
const isDue = sql<boolean>`(attempted_at is null or attempted_at < clock_timestamp() - interval '1 minute')`;

/**
 * Executes an approval that was asked for with `execute_on_approval`: the same dispatcher, the pinned bytes,
 * the principal that asked. Sets out once; a refusal on the way (a kill switch, a revoked token) is recorded,
 * and the requester may still call with the approval while it is fresh. Consuming it decides whether it ran, so
 * an attempt that was lost is safely made again.
 */
export async function executeApproved(
  store: Store,
  dispatch: Dispatch,
  tenantId: string,
  approvalId: string,
): Promise<Answer | undefined> {
  const row = await store.withTenant(tenantId, async (tx) => {
    const taken = await tx.db
      .updateTable('approvals')
      .set({ attempted_at: sql<Date>`clock_timestamp()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', approvalId)
      .where('status', '=', 'approved')
      .where('execute_on_approval', '=', true)
      .where(isDue)
      .returning(['envelope', 'execution_id', 'tool_name', 'principal_kind', 'principal_id'])
      .executeTakeFirst();
    if (taken === undefined) return undefined;
    const { token_id } = await tx.db
      .selectFrom('agent_execution_logs')
      .select('token_id')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', taken.execution_id)
      .executeTakeFirstOrThrow();
    return { ...taken, token_id };
  });
  if (row === undefined) return undefined;
  const pinned = parseEnvelope(row.envelope);
  if (!pinned.ok) throw new Error(`The envelope of ${approvalId} is unreadable`);
  const call: Call = {
    executionId: newId('exe'),
    credential:
      row.principal_kind === 'member'
        ? { kind: 'member', tenantId, userId: row.principal_id }
        : { kind: 'client', tenantId, clientId: row.principal_id, tokenId: row.token_id },
    toolName: row.tool_name,
    arguments: pinned.envelope.arguments,
    argumentsCanonical: canonicalBytesOf(pinned.envelope.arguments),
    approvalId,
    executeOnApproval: false,
  };
  const answer = await dispatch(call);
  if (answer.kind === 'deny' && answer.code !== 'store_unavailable') await neverAgain(store, tenantId, approvalId);
  return answer;
}

async function neverAgain(store: Store, tenantId: string, approvalId: string): Promise<void> {
  await store.withTenant(tenantId, (tx) =>
    tx.db
      .updateTable('approvals')
      .set({ attempted_at: sql<Date>`'infinity'` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', approvalId)
      .where('status', '=', 'approved')
      .execute(),
  );
}

/** Approvals that were granted and that no node is about to execute: their node died in between. */
export async function findAbandoned(store: Store): Promise<{ tenantId: string; approvalId: string }[]> {
  const rows = await store.asSystem((db) =>
    db
      .selectFrom('approvals')
      .select(['tenant_id', 'id'])
      .where('status', '=', 'approved')
      .where('execute_on_approval', '=', true)
      .where(isDue)
      .where('expires_at', '>', sql<Date>`clock_timestamp()`)
      .limit(100)
      .execute(),
  );
  return rows.map(({ tenant_id, id }) => ({ tenantId: tenant_id, approvalId: id }));
}

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
        .selectFrom('agent_execution_logs')
        .select(ANSWER_COLUMNS)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', executionId)
        .executeTakeFirstOrThrow(),
    );
    const answer = recordedAnswer(call);
    if (answer !== undefined) return answer;
    await setTimeout(EXECUTION_POLL_MS, undefined, { signal: gone }).catch(() => {});
  }
  return undefined;
}
