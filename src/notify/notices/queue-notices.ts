import { sql } from 'kysely';
import { isAlive } from '../../identity/sessions.ts';
import { newId, uuidToId } from '../../kernel/ids.ts';
import type { NoticeChannel, NoticeStage } from '../../kernel/statuses.ts';
import type { TenantTx } from '../../store/store.ts';
import { SLACK_ID } from './slack-url.ts';

/** So many notices an hour go to one person by one way, or to the workspace's channel; the rest is told together. */
export const PER_HOUR: Readonly<Record<NoticeChannel, number>> = { email: 20, push: 20, slack: 60 };
/** So long one that tells of several waits for more of them. */
const GATHERED_MINUTES = 10;

type About = { readonly about_kind: 'approval' | 'webhook'; readonly about_id: string; readonly stage: NoticeStage };
type Way = { readonly user_id: string | null; readonly channel: NoticeChannel };

/**
 * One notice a person and channel that they chose and that leads somewhere, and one to the workspace's own channel. Whoever
 * was told much within the hour is told of this one together with others.
 */
export async function queueNotices(
  tx: TenantTx,
  about: About,
  people: readonly string[],
  canMail: boolean,
): Promise<void> {
  const { tenantId, db } = tx;
  const { rows } = await sql<Way & { lately: number }>`
    with wanted as (
      select p.user_id, coalesce(c.email, true) as email, coalesce(c.push, true) as push
      from unnest(${[...people]}::text[]) p (user_id)
        left join notice_choices c on c.tenant_id = ${tenantId} and c.user_id = p.user_id
    ), ways as (
      select user_id, 'email' as channel from wanted where email and ${canMail}
      union all
      select user_id, 'push' from wanted w where push and exists (
        select from push_subscriptions p join auth_sessions s on s.id = p.session_id
        where p.tenant_id = ${tenantId} and p.user_id = w.user_id and ${isAlive('s')})
      union all
      select null, 'slack' where exists (
        select from notify_secrets s where s.tenant_id = ${tenantId} and s.secret_id = ${SLACK_ID})
    ), lately as (
      select user_id, channel, count(*)::integer as told from notices
      where tenant_id = ${tenantId} and told_by is null and created_at > ${tx.at}::timestamptz - interval '1 hour'
      group by user_id, channel
    )
    select w.user_id, w.channel, coalesce(l.told, 0) as lately
    from ways w left join lately l on l.channel = w.channel and l.user_id is not distinct from w.user_id`.execute(db);
  if (rows.length === 0) return;
  const together = await openSeveral(
    tx,
    rows.filter(({ channel, lately }) => lately >= PER_HOUR[channel]),
  );
  const notices = rows.map(({ user_id, channel }) => {
    const told_by = together.get(keyOf({ user_id, channel })) ?? null;
    const folded = told_by !== null && { told_by, status: 'folded' as const };
    return { tenant_id: tenantId, id: newId('ntc'), ...about, user_id, channel, ...folded };
  });
  await db.insertInto('notices').values(notices).execute();
}

const keyOf = ({ user_id, channel }: Way): string => `${channel} ${user_id}`;

/**
 * For each of these ways the notice that tells of several, made where none is open. It stays open until this transaction
 * ends: what is sent meanwhile waits for it (`several.ts`).
 */
async function openSeveral({ tenantId, db, at }: TenantTx, ways: readonly Way[]): Promise<Map<string, string>> {
  if (ways.length === 0) return new Map();
  const ordered = ways.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { rows } = await sql<Way & { id: string }>`
    insert into notices as n (tenant_id, id, about_kind, about_id, stage, channel, user_id, open, next_attempt_at)
    select ${tenantId}::uuid, id, 'several', ${uuidToId('org', tenantId)}::text, 'several', channel, user_id, true,
      ${at}::timestamptz + ${GATHERED_MINUTES} * interval '1 minute'
    from unnest(${ordered.map(() => newId('ntc'))}::text[], ${ordered.map(({ channel }) => channel)}::text[],
      ${ordered.map(({ user_id }) => user_id)}::text[]) w (id, channel, user_id)
    on conflict (tenant_id, channel, user_id) where open do update set open = true
    returning id, channel, user_id`.execute(db);
  return new Map(rows.map(({ id, ...way }) => [keyOf(way), id]));
}
