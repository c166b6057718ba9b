import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';

/** The labels on these runs of a principal together, in order. */
export async function readRunLabels(tx: TenantTx, principalId: string, runs: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ labels: string[] }>`
    select run_labels_of(${tx.tenantId}, ${principalId}, ${runs}::text[]) as labels`.execute(tx.db);
  return rows[0]!.labels;
}
