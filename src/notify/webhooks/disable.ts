import { sql } from 'kysely';
import { SYSTEM } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import { endpointState, findEndpoint } from './read.ts';

/** Ends what is on its way to an endpoint. It can be sent again by hand. */
export async function cancelPending({ db, tenantId }: TenantTx, endpointId: string): Promise<void> {
  await sql`update webhook_deliveries set status = 'cancelled', finished_at = clock_timestamp()
    where tenant_id = ${tenantId} and endpoint_id = ${endpointId} and status = 'pending'`.execute(db);
  await db
    .updateTable('webhook_queues')
    .set({ pending: 0, due_at: null })
    .where('tenant_id', '=', tenantId)
    .where('endpoint_id', '=', endpointId)
    .execute();
}

/**
 * Whether an endpoint is not to be told what a delivery is about: it is disabled, or was, since it happened. Deliveries are
 * made by another transaction than the one that disables it, which does not see them all. Pings are sent at any time.
 */
export function isUntold({ status, enabled_at }: { readonly status: string; readonly enabled_at: Date }) {
  return sql<boolean>`seq is not null and (${status} = 'disabled' or case when origin_id is null
    then exists (select from audit_log a where a.tenant_id = webhook_deliveries.tenant_id and a.seq = webhook_deliveries.seq
      and date_trunc('milliseconds', a.at) < ${enabled_at})
    else date_trunc('milliseconds', created_at) < ${enabled_at} end)`;
}

/** Ends some of what is on its way to an endpoint. */
export async function cancelSome(
  { db, tenantId }: TenantTx,
  endpointId: string,
  deliveries: readonly { readonly id: string }[],
): Promise<void> {
  const ids = deliveries.map(({ id }) => id);
  await sql`with ended as (
      update webhook_deliveries set status = 'cancelled', finished_at = clock_timestamp()
      where tenant_id = ${tenantId} and id = any (${ids}) and status = 'pending' returning 1
    )
    update webhook_queues set pending = greatest(0, pending - (select count(*) from ended))
    where tenant_id = ${tenantId} and endpoint_id = ${endpointId}`.execute(db);
}

/** Disables an endpoint that cannot be reached any more, and says whether it was enabled until now. */
export async function disableEndpoint(tx: TenantTx, id: string, because: 'gone' | 'failing'): Promise<boolean> {
  const before = await findEndpoint(tx, id);
  const disabled = await tx.db
    .updateTable('webhook_endpoints')
    .set({ status: 'disabled', disabled_because: because, updated_at: tx.at, version: sql`version + 1` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'enabled')
    .returning('id')
    .executeTakeFirst();
  if (before === undefined || disabled === undefined) return false;
  await cancelPending(tx, id);
  await audit(tx, {
    event_type: 'webhook.disabled',
    actor: SYSTEM,
    resource: { kind: 'webhook', id },
    outcome: 'disabled',
    before_state: endpointState(before),
    after_state: endpointState({ ...before, status: 'disabled', disabled_because: because }),
    data: { code: because },
  });
  return true;
}
