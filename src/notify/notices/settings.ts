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
    .selectFrom('push_subscriptions')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return { email: chosen?.email ?? true, push: chosen?.push ?? true, browsers: Number(count) };
}

/** Changes one's own choice. It decides nothing but where one is told, so it has no entry. */
export async function chooseMine(tx: TenantTx, userId: string, chosen: ChoicesInput): Promise<void> {
  const { email, push } = { ...(await readMine(tx, userId)), ...chosen };
  await tx.db
    .insertInto('notice_choices')
    .values({ tenant_id: tx.tenantId, user_id: userId, email, push })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet({ email, push }))
    .execute();
}
