import { sql } from 'kysely';
import { COUNTED_MAX } from '../../kernel/page.ts';
import type { TenantTx } from '../../store/store.ts';
import { hasPresentStatus } from './present-status.ts';
import { isDecidable, readViews, visible } from './read.ts';
import type { ApprovalView, Viewer } from './views.ts';

/** What waits, counted. Counting stops at 10,000. */
export type ApprovalCount = {
  /** What this person can decide now, and that can still succeed. */
  readonly decidable: number;
  /** Everything they see that waits. */
  readonly pending: number;
  /** When the first of these expires, so that the counts change by themselves. */
  readonly next_change_at: string | null;
};

/** The same with the first few to expire of those that the viewer can decide. */
export type Waiting = ApprovalCount & { readonly soonest: ApprovalView[] };

const SOONEST = 3;

/** Counts what waits, as far as the viewer sees it, without reading the list. */
export async function countWaiting(tx: TenantTx, viewer: Viewer): Promise<Waiting> {
  const pending = visible(tx, viewer)
    .where(hasPresentStatus('pending'))
    .clearSelect()
    .select(['a.id', 'a.expires_at', isDecidable(tx, viewer).as('decidable')])
    .limit(COUNTED_MAX);
  // Whether somebody can decide each of a thousand is worked out once.
  const { rows } = await sql<{ pending: number; decidable: number; first: Date | null; soonest: string[] }>`
    with waiting as materialized (${pending})
    select count(*)::int as pending, (count(*) filter (where decidable))::int as decidable, min(expires_at) as first,
      array(select id from waiting where decidable order by expires_at, id limit ${SOONEST}) as soonest
    from waiting`.execute(tx.db);
  const { soonest: ids, first, ...counts } = rows[0]!;
  const soonest = ids.length === 0 ? [] : await readViews(tx, viewer, ids);
  return { ...counts, next_change_at: first?.toISOString() ?? null, soonest };
}
