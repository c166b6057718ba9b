import { deny, type RefusalCode } from '../kernel/codes.ts';
import type { PayloadRow } from '../store/flush-rows.ts';
import type { TenantTx } from '../store/store.ts';
import type { ExecutionStatus } from '../store/tables.ts';
import type { Answer } from './call.ts';

/** What went out with a call and what came back, as far as it is recorded: JSON text. */
export type Payloads = { readonly [part in PayloadRow['part']]?: string };

/** Reads the payloads of one call. */
export async function readPayloads(tx: TenantTx, executionId: string): Promise<Payloads> {
  const rows = await tx.db
    .selectFrom('execution_payloads')
    .select(['part', 'body'])
    .where('tenant_id', '=', tx.tenantId)
    .where('execution_id', '=', executionId)
    .execute();
  return Object.fromEntries(rows.map(({ part, body }) => [part, body]));
}

type Recorded = {
  readonly id: string;
  readonly status: ExecutionStatus;
  readonly code: string | null;
  readonly detail: string | null;
};

/** The answer of a recorded call, or undefined while it waits or runs. */
export async function recordedAnswer(tx: TenantTx, call: Recorded): Promise<Answer | undefined> {
  const executionId = call.id;
  switch (call.status) {
    case 'executed':
      return { kind: 'executed', executionId, result: (await readPayloads(tx, executionId)).result ?? 'null' };
    case 'failed':
      return { kind: 'failed', executionId, error: (await readPayloads(tx, executionId)).error ?? 'null' };
    case 'unknown':
      return { ...deny('outcome_unknown'), executionId };
    case 'denied':
    case 'cancelled':
      return { ...deny(call.code as RefusalCode, call.detail ?? undefined), executionId };
    case 'pending_approval':
    case 'running':
      return undefined;
  }
}
