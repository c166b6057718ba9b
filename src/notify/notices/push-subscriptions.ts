import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { TenantTx } from '../../store/store.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { refuseUrl } from '../../upstream/refuse-url.ts';
import type { PushSubscriptionInput } from './schemas.ts';

/** So many browsers a person and workspace; the oldest gives way. */
const OF_ONE_PERSON = 10;

/** Keeps where a person's browser is reached. The same browser again is the same row. */
export async function addSubscription(
  tx: TenantTx,
  userId: string,
  { endpoint, keys }: PushSubscriptionInput,
  exceptions: EgressExceptions,
): Promise<Problem | undefined> {
  const { db, tenantId } = tx;
  const fault = refuseUrl('endpoint', endpoint, tenantId, exceptions)?.message;
  if (fault !== undefined) {
    return problem('invalid_request', `endpoint: ${fault}`, [{ field: 'endpoint', message: fault }]);
  }
  await db
    .insertInto('push_subscriptions')
    .values({ tenant_id: tenantId, id: newId('psh'), user_id: userId, endpoint, ...keys })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id', 'endpoint']).doUpdateSet(keys))
    .execute();
  const old = await db
    .selectFrom('push_subscriptions')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .offset(OF_ONE_PERSON)
    .execute();
  for (const { id } of old) await dropSubscription(tx, id);
  return undefined;
}

/** Forgets a browser that is subscribed no more. */
export async function dropSubscription({ db, tenantId }: TenantTx, id: string): Promise<void> {
  await db.deleteFrom('push_subscriptions').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

/** Forgets a person's browsers in this workspace: one by its address, or all. */
export async function endSubscriptions({ db, tenantId }: TenantTx, userId: string, endpoint?: string): Promise<void> {
  let ended = db.deleteFrom('push_subscriptions').where('tenant_id', '=', tenantId).where('user_id', '=', userId);
  if (endpoint !== undefined) ended = ended.where('endpoint', '=', endpoint);
  await ended.execute();
}
