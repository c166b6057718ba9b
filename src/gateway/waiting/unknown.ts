import { sql } from 'kysely';
import { SYSTEM } from '../../kernel/actor.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { auditRow } from '../../ledger/audit.ts';
import type { Sequencer } from '../../ledger/sequencer.ts';
import type { Store } from '../../store/store.ts';

const ROUND_MAX = 500;
/** A queue that is this far behind may hold the outcomes of calls that seem to have none. */
const BEHIND_MS = 5_000;

const SAID = {
  step: 'execute',
  code: 'outcome_unknown',
  detail: 'The gateway stopped before the answer was recorded.',
} as const;

/**
 * Marks calls that were started and never settled as `unknown`, in every workspace, and says how many. Their
 * deadline lies past the tool's timeout, so nobody is working on them any more. They are not tried again.
 * `all` takes every running call whatever its deadline: for the start of an embedded engine, whose only process
 * this is.
 *
 * It is an outcome like any other, so that it is queued behind an answer that came after all, and then does not count.
 */
export async function markUnknown(store: Store, sequencer: Sequencer, all = false): Promise<number> {
  const isDue = all ? sql<boolean>`true` : sql<boolean>`deadline_at <= clock_timestamp()`;
  const due = await store.asSystem((db) =>
    db
      .selectFrom('agent_execution_logs')
      .select(['tenant_id', 'id', 'tool_name', 'payload_sha256'])
      .where('status', '=', 'running')
      .where(isDue)
      .limit(ROUND_MAX)
      .execute(),
  );
  if (due.length === 0 || (await sequencer.lagMs()) > BEHIND_MS) return 0;
  await Promise.all(
    due.map(({ tenant_id: tenant, id, tool_name: tool, payload_sha256 }) => {
      const event = { event_type: 'execution.unknown', outcome: 'unknown' } as const;
      const entry = auditRow(uuidToId('org', tenant), store.clock.now(), SYSTEM, {
        ...event,
        resource: { kind: 'execution', id },
        ...(payload_sha256 !== null && { payload_sha256 }),
        data: { tool, step: SAID.step, code: SAID.code },
      });
      const common = {
        ...event,
        tenant,
        records: 'outcome',
        actor_kind: SYSTEM.kind,
        actor_id: SYSTEM.id,
        resource_kind: 'execution',
      } as const;
      const row = { ...entry, common, payload_sha256, approval_id: null, request_id: null, body: null, ...SAID };
      return store.write({ tenantId: tenant, events: [row] });
    }),
  );
  return due.length;
}
