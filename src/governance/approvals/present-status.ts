import { type RawBuilder, sql } from 'kysely';
import type { ApprovalStatus } from '../../store/tables.ts';

/**
 * The status of the approval `a` of a query by the database's clock: one past its time has expired, also before the
 * sweep has written that down.
 */
export const PRESENT_STATUS = sql<ApprovalStatus>`case when a.status in ('pending', 'approved')
  and a.expires_at <= clock_timestamp() then 'expired' else a.status end`;

/** Whether that is the status; written so that the index of statuses finds it. */
export function hasPresentStatus(status: ApprovalStatus): RawBuilder<boolean> {
  // One status alone is read in the order of ids, so that a page reads a page.
  const isStored =
    status === 'expired' ? sql`a.status in ('expired', 'pending', 'approved')` : sql`a.status = ${status}`;
  return sql<boolean>`(${isStored} and ${PRESENT_STATUS} = ${status})`;
}
