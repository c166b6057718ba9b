import { sql } from 'kysely';
import { visible } from '../../governance/approvals/read.ts';
import type { Viewer } from '../../governance/approvals/views.ts';
import { earliestId } from '../../kernel/ids.ts';
import { CALL_STATE_OF, type CallState, type ExecutionStatus } from '../../kernel/statuses.ts';
import type { TenantTx } from '../../store/store.ts';

const SHOWN = ['executed', 'held', 'refused', 'failed', 'unknown'] as const;
type Shown = (typeof SHOWN)[number];

/** Calls of one hour by what became of them. */
export type HourOfCalls = { readonly hour: string } & { readonly [state in Shown]: number };

export type Figures = {
  readonly calls: HourOfCalls[];
  readonly refusals: { readonly step: string; readonly code: string; readonly count: number }[];
  readonly decisions: { readonly count: number; readonly median_ms: number | null };
};

/** What is shown of a call that is in that state: one that runs is on its way to another. */
const SHOWN_AS: Readonly<Record<CallState, Shown | undefined>> = {
  waiting: 'held',
  cancelled: 'held',
  running: undefined,
  executed: 'executed',
  refused: 'refused',
  failed: 'failed',
  unknown: 'unknown',
};

/** Ids are made before their rows are written: never longer before than this. */
const WRITTEN_WITHIN_MS = 600_000;
const HOUR_MS = 3_600_000;
/** An approval is decided within the longest time to live that a workspace may set. */
const DECIDED_WITHIN_MS = 604_800_000;

/** What happened to calls between two times, as far as this viewer sees them; `ownerId` narrows to one's own calls. */
export async function readOverview(
  tx: TenantTx,
  {
    viewer,
    ownerId,
    from,
    to,
  }: { readonly viewer: Viewer; readonly ownerId: string | undefined; readonly from: Date; readonly to: Date },
): Promise<Figures> {
  const rows = await countedCalls(tx, ownerId, from, to);
  const hours = new Map<number, Record<Shown, number>>();
  for (let ms = startOfHour(from); ms < to.getTime(); ms += HOUR_MS) {
    hours.set(ms, { executed: 0, held: 0, refused: 0, failed: 0, unknown: 0 });
  }
  const refusals = new Map<string, { step: string; code: string; count: number }>();
  for (const { hour, status, step, code, count } of rows) {
    const state = SHOWN_AS[CALL_STATE_OF[status]];
    const slot = hours.get(hour.getTime());
    if (state !== undefined && slot !== undefined) slot[state] += count;
    if (step === null || code === null) continue;
    const known = refusals.get(`${step} ${code}`) ?? { step, code, count: 0 };
    refusals.set(`${step} ${code}`, { ...known, count: known.count + count });
  }
  return {
    calls: [...hours].map(([ms, slot]) => ({ hour: new Date(ms).toISOString(), ...slot })),
    refusals: [...refusals.values()].sort((a, b) => b.count - a.count),
    decisions: await decided(tx, viewer, from, to),
  };
}

function startOfHour(at: Date): number {
  return Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;
}

type Counted = { hour: Date; status: ExecutionStatus; step: string | null; code: string | null; count: number };

async function countedCalls(tx: TenantTx, ownerId: string | undefined, from: Date, to: Date): Promise<Counted[]> {
  const lowest = earliestId('exe', new Date(from.getTime() - WRITTEN_WITHIN_MS));
  let query = tx.db
    .selectFrom('agent_execution_logs as e')
    .where('e.tenant_id', '=', tx.tenantId)
    .where('e.id', '>=', lowest)
    .where('e.created_at', '>=', from)
    .where('e.created_at', '<', to)
    .select([
      sql<Date>`date_bin('1 hour', e.created_at, 'epoch')`.as('hour'),
      'e.status',
      sql<string | null>`case when e.status = 'denied' then e.step end`.as('step'),
      sql<string | null>`case when e.status = 'denied' then e.code end`.as('code'),
      sql<number>`count(*)::int`.as('count'),
    ])
    .groupBy(sql`1, 2, 3, 4`);
  if (ownerId !== undefined) query = query.where('e.principal_id', '=', ownerId);
  return query.execute();
}

async function decided(tx: TenantTx, viewer: Viewer, from: Date, to: Date): Promise<Figures['decisions']> {
  const lowest = earliestId('apv', new Date(from.getTime() - DECIDED_WITHIN_MS - WRITTEN_WITHIN_MS));
  const settled = visible(tx, viewer)
    .clearSelect()
    .where('a.id', '>=', lowest)
    .where('a.decided_at', '>=', from)
    .where('a.decided_at', '<', to)
    .where(
      // What was cancelled has a time, too, and was decided by nobody.
      sql<boolean>`(a.status <> 'cancelled' and exists (select from approval_decisions d
        where d.tenant_id = a.tenant_id and d.approval_id = a.id))`,
    )
    .select(sql<number>`extract(epoch from a.decided_at - a.created_at)::float8 * 1000`.as('ms'));
  const { rows } = await sql<{ count: number; median: number | null }>`
    select count(*)::int as count, percentile_cont(0.5) within group (order by ms) as median
    from (${settled}) settled`.execute(tx.db);
  const { count, median } = rows[0]!;
  return { count, median_ms: median === null ? null : Math.round(median) };
}
