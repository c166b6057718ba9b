import { sql } from 'kysely';
import { type Problem, problem } from '../../kernel/codes.ts';
import { earliestId } from '../../kernel/ids.ts';
import type { TenantTx } from '../../store/store.ts';
import { findClient } from './read.ts';
import type { ClientUsageView } from './schemas.ts';

/** 30 days, and one more for clocks that differ. */
const ID_RANGE_MS = 31 * 86_400_000;

type Counts = ClientUsageView['last_24_hours'];
type Row = { status: string; code: string | null; last_day: string; last_month: string };

/**
 * What a client did in the last 24 hours and 30 days, by the database's clock: calls by status, refusals by code. Reads
 * that client's calls of that time and no others (index `agent_execution_logs_principal`).
 */
export async function clientUsage(tx: TenantTx, { id }: { readonly id: string }): Promise<ClientUsageView | Problem> {
  const client = await findClient(tx, id);
  if (client === undefined) return problem('not_found');
  const rows: Row[] = await tx.db
    .selectFrom('agent_execution_logs')
    .where('tenant_id', '=', tx.tenantId)
    .where('principal_kind', '=', 'client')
    .where('principal_id', '=', id)
    // The index is by id, which follows the node's clock; what counts is the database's.
    .where('id', '>=', earliestId('exe', new Date(tx.at.getTime() - ID_RANGE_MS)))
    .where('created_at', '>', sql<Date>`now() - interval '30 days'`)
    .groupBy(['status', 'code'])
    .select(['status', 'code'])
    .select(sql<string>`count(*) filter (where created_at > now() - interval '24 hours')`.as('last_day'))
    .select(sql<string>`count(*)`.as('last_month'))
    .execute();
  return {
    client_id: id,
    rpm_limit: client.rpm_limit,
    last_used_at: client.last_used_at,
    last_24_hours: countsOf(rows, 'last_day'),
    last_30_days: countsOf(rows, 'last_month'),
  };
}

function countsOf(rows: readonly Row[], window: 'last_day' | 'last_month'): Counts {
  const counts: Counts = { total: 0, by_status: {}, denied_by_code: {} };
  for (const { status, code, [window]: text } of rows) {
    const count = Number(text);
    if (count === 0) continue;
    counts.total += count;
    counts.by_status[status] = (counts.by_status[status] ?? 0) + count;
    if (status === 'denied' && code !== null) counts.denied_by_code[code] = (counts.denied_by_code[code] ?? 0) + count;
  }
  return counts;
}
