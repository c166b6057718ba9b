import { isAlive } from '../../identity/sessions.ts';
import type { Verb } from '../../identity/verb.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { ChoicesInput, NoticeSettings } from './schemas.ts';

/** By which channels a person is told in this workspace. */
export async function readMine({ db, tenantId }: TenantTx, userId: string): Promise<NoticeSettings['mine']> {
  const chosen = await db
    .selectFrom('notice_choices')
    .select(['email', 'push'])
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const { count } = await db
    .selectFrom('push_subscriptions as p')
    .innerJoin('auth_sessions as s', 's.id', 'p.session_id')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('p.tenant_id', '=', tenantId)
    .where('p.user_id', '=', userId)
    .where(isAlive('s'))
    .executeTakeFirstOrThrow();
  return { email: chosen?.email ?? true, push: chosen?.push ?? true, browsers: Number(count) };
}

/** Changes one's own choice, and says what it is now. */
export async function chooseMine(
  { tx, actor }: Verb,
  userId: string,
  chosen: ChoicesInput,
): Promise<NoticeSettings['mine']> {
  const { browsers, ...before } = await readMine(tx, userId);
  const after = { email: chosen.email ?? before.email, push: chosen.push ?? before.push };
  if (after.email === before.email && after.push === before.push) return { ...before, browsers };
  await tx.db
    .insertInto('notice_choices')
    .values({ tenant_id: tx.tenantId, user_id: userId, ...after })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet(after))
    .execute();
  await audit(tx, {
    event_type: 'member.notices_chosen',
    actor,
    resource: { kind: 'member', id: userId },
    outcome: 'chosen',
    before_state: before,
    after_state: after,
  });
  return { ...after, browsers };
}
