import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';
import type { Attempted } from './attempt.ts';
import { disableEndpoint } from './disable.ts';
import { FAILING_MAX_MS, nextAttemptAt } from './schedule.ts';

/** A delivery as an attempt finds it. */
export type Due = { readonly id: string; readonly endpoint_id: string; readonly attempt_count: number };

/**
 * Writes an attempt down with what follows from it: when the next one is due, or that there is none, and an endpoint that
 * is gone, or has failed for too long, is disabled. Says whether it was.
 */
export async function recordAttempt(
  tx: TenantTx,
  due: Due,
  { ok, gone, ...attempt }: Attempted,
  chance: number,
): Promise<'gone' | 'failing' | undefined> {
  const { tenantId, db } = tx;
  const { id, endpoint_id } = due;
  const next = ok || gone ? null : nextAttemptAt(due.attempt_count + 1, tx.at, chance);
  const status = ok ? 'delivered' : next === null ? 'failed' : 'pending';
  const { rows } = await sql<{ was_pending: boolean }>`
    with before as (
      select status = 'pending' as was_pending from webhook_deliveries
      where tenant_id = ${tenantId} and id = ${id} for update
    )
    update webhook_deliveries d set
      attempts = attempts || ${JSON.stringify([attempt])}::jsonb,
      attempt_count = attempt_count + 1,
      -- One that was cancelled meanwhile stays so, unless it got through.
      status = case when was_pending or ${ok} then ${status} else status end,
      next_attempt_at = coalesce(${next}::timestamptz, next_attempt_at),
      finished_at = case when ${next}::timestamptz is null then clock_timestamp() else finished_at end
    from before where d.tenant_id = ${tenantId} and d.id = ${id}
    returning was_pending`.execute(db);
  const isFinished = rows[0]?.was_pending === true && next === null;
  await sql`update webhook_queues set failing = ${!ok}, pending = greatest(0, pending - ${isFinished ? 1 : 0})
    where tenant_id = ${tenantId} and endpoint_id = ${endpoint_id} and (failing <> ${!ok} or ${isFinished})`.execute(
    db,
  );
  if (ok) {
    await sql`update webhook_endpoints set failing_since = null, last_success_at = ${tx.at}
      where tenant_id = ${tenantId} and id = ${endpoint_id}
        and (failing_since is not null or coalesce(last_success_at < ${tx.at}::timestamptz - interval '1 minute', true))`.execute(
      db,
    );
    return undefined;
  }
  const failing = await db
    .updateTable('webhook_endpoints')
    .set({ failing_since: sql<Date>`coalesce(failing_since, ${tx.at})` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', endpoint_id)
    .where('status', '=', 'enabled')
    .returning('failing_since')
    .executeTakeFirst();
  if (failing === undefined) return undefined;
  const isOver = tx.at.getTime() - failing.failing_since!.getTime() >= FAILING_MAX_MS;
  const because = gone ? 'gone' : isOver ? 'failing' : undefined;
  if (because === undefined || !(await disableEndpoint(tx, endpoint_id, because))) return undefined;
  return because;
}
