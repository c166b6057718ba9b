import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';

/** Who reads what an earlier call came to, and the runs that are then labelled as if they had made it. */
export type Reader = { readonly actor: Actor; readonly runs: readonly string[] };

/**
 * The result of an earlier call is read again: by the same Idempotency-Key, as a recorded call, or as one that was held.
 * Whatever run reads it gets the labels that the tool has, so that nothing is read without them by asking twice. Part of
 * the transaction that reads it; an entry tells of
 * labels that the run did not have.
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
    const before = await putOn(tx, { principalId: actor.id, run, labels: tool.labels });
    if (before === undefined || tool.labels.every((label) => before.includes(label))) continue;
    await audit(tx, {
      actor,
      event_type: 'run.labelled',
      resource: { kind: 'execution', id: call.executionId },
      outcome: 'labelled',
      data: { tool: tool.name, run, labels: tool.labels },
    });
  }
}

/**
 * Puts labels on a run, as gateway_enter.sql does with those of a call: whatever others put on at the same time stays.
 * Answers which it had before; undefined where it has had all of them for less than a minute, and nothing was written.
 */
async function putOn(
  tx: TenantTx,
  of: { readonly principalId: string; readonly run: string; readonly labels: readonly string[] },
): Promise<readonly string[] | undefined> {
  const { principalId, run, labels } = of;
  // The function looks at the labels as they were when the statement began.
  const { rows } = await sql<{ before: string[] }>`
    insert into run_labels as r (tenant_id, principal_id, run, labels, labelled_at)
    select ${tx.tenantId}::uuid, ${principalId}::text, ${run}::text, ${labels}::text[], clock_timestamp()
    where not exists (select from run_labels k where k.tenant_id = ${tx.tenantId} and k.principal_id = ${principalId}
      and k.run = ${run} and k.labels @> ${labels}::text[] and k.labelled_at > clock_timestamp() - interval '1 minute')
    on conflict (tenant_id, principal_id, run) do update set labelled_at = excluded.labelled_at,
      labels = case when run_labels_end(r.run, r.labelled_at) > excluded.labelled_at
        then array(select distinct u.label from unnest(r.labels || excluded.labels) u (label) order by u.label)
        else excluded.labels end
    returning run_labels_of(${tx.tenantId}, ${principalId}, array[${run}::text]) as before`.execute(tx.db);
  return rows[0]?.before;
}
