import { sql } from 'kysely';
import { SYSTEM } from '../kernel/actor.ts';
import { audit } from '../ledger/audit.ts';
import { holdQueue } from '../ledger/sequencer.ts';
import type { Store } from '../store/store.ts';

const ROUND_MAX = 500;

/**
 * Marks calls that were started and never settled as `unknown`, in every workspace, and says how many. Their
 * deadline lies past the tool's timeout, so nobody is working on them any more. They are not tried again.
 * `all` takes every running call whatever its deadline: for the start of an embedded engine, whose only process
 * this is.
 */
export async function markUnknown(store: Store, all = false): Promise<number> {
  const isDue = all ? sql<boolean>`true` : sql<boolean>`e.deadline_at <= clock_timestamp()`;
  const some = await store.asSystem((db) =>
    db
      .selectFrom('agent_execution_logs as e')
      .select('e.id')
      .where('e.status', '=', 'running')
      .where(isDue)
      .limit(1)
      .execute(),
  );
  if (some.length === 0) return 0;

  return store.asSystem(async (db) => {
    // Nothing is moved meanwhile, so a call whose outcome is queued can be told from one that has none.
    await holdQueue(db);
    const due = await db
      .selectFrom('agent_execution_logs as e')
      .select(['e.tenant_id', 'e.id', 'e.tool_name', 'e.payload_sha256'])
      .select(sql<Date>`now()`.as('at'))
      .where('e.status', '=', 'running')
      .where(isDue)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('audit_pending as p')
              .whereRef('p.tenant_id', '=', 'e.tenant_id')
              .whereRef('p.resource_id', '=', 'e.id')
              .where('p.records', '=', 'outcome'),
          ),
        ),
      )
      .limit(ROUND_MAX)
      .execute();
    for (const { tenant_id, id, tool_name, payload_sha256, at } of due) {
      await db
        .updateTable('agent_execution_logs')
        .set({
          status: 'unknown',
          step: 'execute',
          code: 'outcome_unknown',
          detail: 'The gateway stopped before the answer was recorded.',
          finished_at: sql<Date>`clock_timestamp()`,
        })
        .where('tenant_id', '=', tenant_id)
        .where('id', '=', id)
        .execute();
      await audit(
        { tenantId: tenant_id, db, at },
        {
          event_type: 'execution.unknown',
          actor: SYSTEM,
          resource: { kind: 'execution', id },
          ...(payload_sha256 !== null && { payload_sha256 }),
          outcome: 'unknown',
          data: { tool: tool_name, step: 'execute', code: 'outcome_unknown' },
        },
      );
    }
    return due.length;
  });
}
