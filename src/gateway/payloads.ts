import type { PayloadRow } from '../store/flush-rows.ts';
import type { TenantTx } from '../store/store.ts';

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
