import type { Verb } from '../../identity/verb.ts';
import { type Actor, SYSTEM } from '../../kernel/actor.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { auditAll } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { refuseUrl } from '../../upstream/refuse-url.ts';
import type { PushSubscriptionInput } from './schemas.ts';

/** So many browsers a person and workspace; the oldest gives way. */
const OF_ONE_PERSON = 10;

/** Why a browser shows notices no more. `gone`: it has unsubscribed. `displaced`: the person added many after it. */
type Because = 'member' | 'gone' | 'displaced';

/** Where a browser is reached is its capability, so entries name the row. */
function entry(actor: Actor, userId: string, type: 'added' | 'removed', data: Record<string, string>) {
  return {
    event_type: `member.browser_${type}` as const,
    actor,
    resource: { kind: 'member', id: userId },
    outcome: type,
    data,
  };
}

/**
 * Keeps where a person's browser is reached, for as long as the sign-in lasts in which they say so. The same browser again
 * is the same row.
 */
export async function addSubscription(
  { tx, actor }: Verb,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
  { endpoint, keys }: PushSubscriptionInput,
  exceptions: EgressExceptions,
): Promise<Problem | undefined> {
  const { db, tenantId } = tx;
  const fault = refuseUrl('endpoint', endpoint, tenantId, exceptions)?.message;
  if (fault !== undefined) {
    return problem('invalid_request', `endpoint: ${fault}`, [{ field: 'endpoint', message: fault }]);
  }
  const written = await db
    .insertInto('push_subscriptions')
    .values({ tenant_id: tenantId, id: newId('psh'), user_id: userId, session_id: sessionId, endpoint, ...keys })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'user_id', 'endpoint'])
        .doUpdateSet({ session_id: sessionId, ...keys })
        // A page that makes sure of it each time it is opened changes nothing.
        .where(({ or, eb }) =>
          or([
            eb('push_subscriptions.session_id', '<>', sessionId),
            eb('push_subscriptions.p256dh', '<>', keys.p256dh),
            eb('push_subscriptions.auth', '<>', keys.auth),
          ]),
        ),
    )
    .returning('id')
    .executeTakeFirst();
  if (written === undefined) return undefined;
  await auditAll(tx, [entry(actor, userId, 'added', { subscription_id: written.id })]);
  const kept = db
    .selectFrom('push_subscriptions')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(OF_ONE_PERSON);
  await remove({ tx, actor }, 'displaced', (own) => own.where('user_id', '=', userId).where('id', 'not in', kept));
  return undefined;
}

/** Forgets a browser that has unsubscribed. */
export function dropSubscription(tx: TenantTx, id: string): Promise<void> {
  return remove({ tx, actor: SYSTEM }, 'gone', (own) => own.where('id', '=', id));
}

/** Forgets a person's browsers in this workspace: one by its address, or all. */
export function endSubscriptions(ctx: Verb, userId: string, endpoint?: string): Promise<void> {
  return remove(ctx, 'member', (own) => {
    const ofPerson = own.where('user_id', '=', userId);
    return endpoint === undefined ? ofPerson : ofPerson.where('endpoint', '=', endpoint);
  });
}

const ownOf = ({ db, tenantId }: TenantTx) => db.deleteFrom('push_subscriptions').where('tenant_id', '=', tenantId);

async function remove(
  { tx, actor }: Verb,
  because: Because,
  which: (own: ReturnType<typeof ownOf>) => ReturnType<typeof ownOf>,
): Promise<void> {
  const rows = await which(ownOf(tx)).returning(['id', 'user_id']).execute();
  await auditAll(
    tx,
    rows.map(({ id, user_id }) => entry(actor, user_id, 'removed', { subscription_id: id, because })),
  );
}
