import { sql } from 'kysely';
import { SYSTEM } from '../../kernel/actor.ts';
import { auditAll } from '../../ledger/audit.ts';
import type { Store } from '../../store/store.ts';
import { KEPT_DAYS } from './read.ts';

const ROUND_MAX = 500;
/** One whose call waits for people is kept as long: what it was drafted as decides whether that may run. */
const isOld = sql<boolean>`created_at <= clock_timestamp() - make_interval(days => ${KEPT_DAYS})
  and not exists (select from agent_execution_logs e where e.tenant_id = drafts.tenant_id and e.id = drafts.execution_id
    and e.status = 'pending_approval')`;

/**
 * Removes drafts of 30 days and more, in every workspace; those that were still open are discarded, with an entry each.
 * Says whether there may be more.
 */
export async function purgeDrafts(store: Store): Promise<boolean> {
  const due = await store.asSystem((db) =>
    db.selectFrom('drafts').select(['tenant_id', 'id']).where(isOld).orderBy('created_at').limit(ROUND_MAX).execute(),
  );
  const byTenant = Map.groupBy(due, ({ tenant_id }) => tenant_id);
  for (const [tenantId, rows] of byTenant) {
    const ids = rows.map(({ id }) => id);
    await store.withTenant(tenantId, async (tx) => {
      const gone = await tx.db
        .deleteFrom('drafts')
        .where('tenant_id', '=', tenantId)
        .where('id', 'in', ids)
        .where(isOld)
        .returning(['id', 'status', 'tool_name'])
        .execute();
      const reason = `Nobody published it within ${KEPT_DAYS} days.`;
      await auditAll(
        tx,
        gone.flatMap(({ id, status, tool_name: tool }) =>
          status !== 'open'
            ? []
            : {
                event_type: 'draft.discarded',
                actor: SYSTEM,
                resource: { kind: 'draft', id },
                outcome: 'discarded',
                data: { draft_id: id, tool, reason },
              },
        ),
      );
    });
  }
  return due.length === ROUND_MAX;
}
