import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import { readRunLabels } from '../facts/runs.ts';

/** Who reads what an earlier call came to, and the runs that are then labelled as if they had made it. */
export type Reader = { readonly actor: Actor; readonly runs: readonly string[] };

/**
 * The result of an earlier call is read again: by the same Idempotency-Key, as a recorded call, or as one that was held.
 * Whatever run reads it gets the labels that the tool has, so that nothing is read without them by asking twice. Part of
 * the transaction that reads it; an entry tells of labels that the run did not have.
 */
export async function labelReader(
  tx: TenantTx,
  { actor, runs }: Reader,
  call: { readonly executionId: string; readonly toolId: string | null },
): Promise<void> {
  if (call.toolId === null) return;
  const tool = await tx.db
    .selectFrom('tools')
    .select(['name', 'labels'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', call.toolId)
    .executeTakeFirst();
  if (tool === undefined || tool.labels.length === 0) return;
  for (const run of [...runs].sort()) {
    const known = await readRunLabels(tx, actor.id, [run]);
    if (tool.labels.every((label) => known.includes(label))) continue;
    await sql`
      insert into run_labels (tenant_id, principal_id, run, labels, labelled_at)
      values (${tx.tenantId}, ${actor.id}, ${run}, ${tool.labels}::text[], clock_timestamp())
      on conflict (tenant_id, principal_id, run) do update set labelled_at = excluded.labelled_at,
        labels = array(select distinct u.label from unnest(${known}::text[] || excluded.labels) u (label) order by u.label)
      `.execute(tx.db);
    await audit(tx, {
      actor,
      event_type: 'run.labelled',
      resource: { kind: 'execution', id: call.executionId },
      outcome: 'labelled',
      data: { tool: tool.name, run, labels: tool.labels },
    });
  }
}
