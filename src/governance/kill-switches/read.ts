import { sql } from 'kysely';
import type { Page } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { KillScope } from '../../store/tables.ts';
import type { KillSwitchView, ListSwitchesQuery } from './schemas.ts';

function switches(tx: TenantTx) {
  return tx.db
    .selectFrom('kill_switches')
    .where('tenant_id', '=', tx.tenantId)
    .select([
      'id',
      'scope',
      'target_id',
      'reason',
      'flipped_by',
      'flipped_at',
      'lifted_by',
      'lifted_at',
      'lift_reason',
      'glass_by',
      'glass_reason',
    ])
    .select(
      sql<Date | null>`case when glass_until > clock_timestamp() and lifted_at is null then glass_until end`.as(
        'glass_until',
      ),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof switches>['executeTakeFirstOrThrow']>>;

function view({ target_id, flipped_at, lifted_at, glass_until, glass_by, glass_reason, ...row }: Row): KillSwitchView {
  return {
    ...row,
    target_id: target_id === '' ? null : target_id,
    status: lifted_at === null ? 'on' : 'lifted',
    flipped_at: flipped_at.toISOString(),
    lifted_at: lifted_at?.toISOString() ?? null,
    break_glass: glass_until && { until: glass_until.toISOString(), by: glass_by!, reason: glass_reason! },
  };
}

/** The switches that are on, and those that were. */
export async function listKillSwitches(
  tx: TenantTx,
  { status, ...page }: ListSwitchesQuery,
): Promise<Page<KillSwitchView>> {
  let query = switches(tx);
  if (status !== undefined) query = query.where('lifted_at', status === 'on' ? 'is' : 'is not', null);
  return pagedList(tx, query, 'id', page, view);
}

/** One switch, or undefined when there is none by that id here. */
export async function findKillSwitch(tx: TenantTx, id: string): Promise<KillSwitchView | undefined> {
  const row = await switches(tx).where('id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** Whether what a switch aims at is there to be stopped. */
export async function targetExists(tx: TenantTx, scope: KillScope, id: string | undefined): Promise<boolean> {
  if (scope === 'workspace') return true;
  // There are no built-in agents yet.
  if (scope === 'agent' || id === undefined) return false;
  const found = await tx.db
    .selectFrom(scope === 'tool' ? 'tools' : 'integration_clients')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}
