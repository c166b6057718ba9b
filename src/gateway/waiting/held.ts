import { isId } from '../../kernel/ids.ts';
import type { Sequencer } from '../../ledger/sequencer.ts';
import type { Store } from '../../store/store.ts';
import type { Answer } from '../call.ts';
import { readApproval } from '../facts/queries.ts';
import { keysOf } from '../facts/run-of.ts';
import { ANSWER_COLUMNS, HANDLER_KIND, recordedAnswer } from '../reads/recorded-answer.ts';
import { labelReader } from '../record/read-again.ts';
import { refuseApproval } from '../rule/steps/approval.ts';
import { awaitDecision } from './decision.ts';
import { listen } from './ear.ts';

/** A call that was held for people, and what has become of it. */
export type HeldCall = {
  readonly executionId: string;
  readonly approvalId: string;
  readonly toolName: string;
  readonly executeOnApproval: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /**
   * - `waiting`: people have not decided.
   * - `approved`: they have granted it, and its caller has to make it.
   * - `running`: it is being made.
   * - `ended`: with `answer`.
   */
  readonly state: 'waiting' | 'approved' | 'running' | 'ended';
  /** What its caller would be answered now; undefined while it runs or may be made. */
  readonly answer: Answer | undefined;
};

/** Whose held call is asked for. */
export type WhoseHeld = {
  readonly tenantId: string;
  readonly clientId: string;
  /** The token that asks, and the run that it asks in: what came of the call labels them. */
  readonly tokenId: string;
  readonly runId?: string;
};

/** A client's own held call by the id of its approval or its execution, as it is now; undefined where it has none. */
export async function readHeld(
  store: Store,
  sequencer: Sequencer,
  { tenantId, clientId, tokenId, runId }: WhoseHeld,
  id: string,
): Promise<HeldCall | undefined> {
  if (!isId('apv', id) && !isId('exe', id)) return undefined;
  await sequencer.settle();
  return store.withTenant(tenantId, async (tx) => {
    const row = await tx.db
      .selectFrom('approvals as a')
      .innerJoin('agent_execution_logs as e', (join) =>
        join.onRef('e.tenant_id', '=', 'a.tenant_id').onRef('e.id', '=', 'a.execution_id'),
      )
      .where('a.tenant_id', '=', tenantId)
      .where('a.principal_kind', '=', 'client')
      .where('a.principal_id', '=', clientId)
      .where(isId('apv', id) ? 'a.id' : 'a.execution_id', '=', id)
      .select(ANSWER_COLUMNS.map((column) => `e.${column}` as const))
      .select(['a.id as approval_id', 'a.tool_name', 'a.policy', 'a.payload_sha256', 'a.execute_on_approval'])
      .select(['e.tool_id', 'a.created_at', 'a.expires_at', HANDLER_KIND.as('handler_kind')])
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const approval = (await readApproval(tx, row.approval_id, clientId))!;
    const said = refuseApproval(approval);
    const about = {
      executionId: row.id,
      approvalId: row.approval_id,
      toolName: row.tool_name,
      executeOnApproval: row.execute_on_approval,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
    if (row.status === 'running') return { ...about, state: 'running', answer: undefined };
    if ((row.result ?? row.error) !== null) {
      const { write: runs } = keysOf({ runId: runId ?? null, holderId: tokenId, trusted: false });
      const reader = { actor: { kind: 'client', id: clientId } as const, runs };
      await labelReader(tx, reader, { executionId: row.id, toolId: row.tool_id });
    }
    if (row.status !== 'pending_approval') {
      const answer = recordedAnswer(row)!;
      // What people said of it is told with it.
      const reason =
        said?.approverReason === undefined ? {} : { detail: said.detail, approverReason: said.approverReason };
      const whole = answer.kind === 'deny' ? { ...answer, ...reason, approvalId: row.approval_id } : answer;
      return { ...about, state: 'ended', answer: whole };
    }
    if (said === undefined) {
      return { ...about, state: row.execute_on_approval ? 'running' : 'approved', answer: undefined };
    }
    // It has been used, and its outcome is about to be there.
    if (said.code === 'approval_consumed') return { ...about, state: 'running', answer: undefined };
    if (said.code !== 'approval_pending') {
      return { ...about, state: 'ended', answer: { ...said, executionId: row.id, approvalId: row.approval_id } };
    }
    const { policy, payload_sha256: payloadSha256, expires_at: expiresAt } = row;
    const pending = {
      kind: 'pending',
      executionId: row.id,
      approvalId: row.approval_id,
      payloadSha256,
      policy,
      expiresAt,
    };
    return { ...about, state: 'waiting', answer: pending as Answer };
  });
}

/** The same once people have decided and what they granted has run, or after `maxMs`, or when the caller is gone. */
export async function awaitHeld(
  store: Store,
  sequencer: Sequencer,
  whose: WhoseHeld,
  id: string,
  maxMs: number,
  gone: AbortSignal,
): Promise<HeldCall | undefined> {
  const until = performance.now() + maxMs;
  const ear = listen(store, (signal) => signal.kind === 'audit' && signal.tenantIds.includes(whose.tenantId));
  try {
    let held = await readHeld(store, sequencer, whose, id);
    while (held !== undefined && (held.state === 'waiting' || held.state === 'running')) {
      const leftMs = until - performance.now();
      if (leftMs <= 0 || gone.aborted) break;
      if (held.state === 'waiting') await awaitDecision(store, whose.tenantId, held.approvalId, leftMs, gone);
      // Its outcome is heard of once the sequencer has moved it into the list of calls.
      else await ear.next(leftMs, gone);
      held = await readHeld(store, sequencer, whose, id);
    }
    return held;
  } finally {
    ear.close();
  }
}
