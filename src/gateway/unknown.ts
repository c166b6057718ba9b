import { sql } from 'kysely';
import { SYSTEM } from '../kernel/actor.ts';
import { audit } from '../ledger/audit.ts';
import type { Store } from '../store/store.ts';

const ROUND_MAX = 500;

/**
 * Marks calls that were started and never settled as `unknown`, in every workspace, and says how many. Their
 * deadline lies past the tool's timeout, so nobody is working on them any more. They are not tried again.
 * `all` takes every running call whatever its deadline: for the start of an embedded engine, whose only process
 * this is.
 */
export async function markUnknown(store: Store, all = false): Promise<number> {
  const due = await store.asSystem((db) => {
    const running = db.selectFrom('agent_execution_logs').select(['tenant_id', 'id']).where('status', '=', 'running');
    return (all ? running : running.where('deadline_at', '<=', sql<Date>`clock_timestamp()`))
      .limit(ROUND_MAX)
      .execute();
  });
  let marked = 0;
  for (const { tenant_id, id } of due) {
    const settled = await store.withTenant(tenant_id, async (tx) => {
      const row = await tx.db
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
        .where('status', '=', 'running')
        .returning(['tool_name', 'payload_sha256'])
        .executeTakeFirst();
      if (row === undefined) return false;
      await audit(tx, {
        event_type: 'execution.unknown',
        actor: SYSTEM,
        resource: { kind: 'execution', id },
        ...(row.payload_sha256 !== null && { payload_sha256: row.payload_sha256 }),
        outcome: 'unknown',
        data: { tool: row.tool_name, step: 'execute', code: 'outcome_unknown' },
      });
      return true;
    });
    if (settled) marked += 1;
  }
  return marked;
}
