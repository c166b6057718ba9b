import { sql } from 'kysely';
import { COUNTED_MAX } from '../../kernel/page.ts';
import type { TenantTx } from '../../store/store.ts';
import { hasPresentStatus } from './present-status.ts';
import { isDecidable, listApprovals, visible } from './read.ts';
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
    .select(['a.expires_at', isDecidable(viewer).as('decidable')])
    .limit(COUNTED_MAX);
  const { rows } = await sql<{ pending: number; decidable: number; first: Date | null }>`
    select count(*)::int as pending, (count(*) filter (where decidable))::int as decidable, min(expires_at) as first
    from (${pending}) waiting`.execute(tx.db);
  const { pending: all, decidable, first } = rows[0]!;
  const filters = { status: 'pending', decidable: true, sort: 'soonest', limit: SOONEST, uncounted: true } as const;
  const soonest = decidable === 0 ? [] : (await listApprovals(tx, viewer, filters)).items;
  return { decidable, pending: all, next_change_at: first?.toISOString() ?? null, soonest };
}
