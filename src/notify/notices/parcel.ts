import { sql } from 'kysely';
import { isAlive } from '../../identity/sessions.ts';
import type { NoticeChannel, NoticeStage } from '../../kernel/statuses.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import type { Subscription } from '../channels/push.ts';
import { approvalMessage, disabledMessage, type Message, severalMessage } from './message.ts';
import { readSeveral, type Several } from './several.ts';
import { isStillTold } from './tell.ts';

/** A notice with everything that is needed to send it. */
export type Parcel = {
  readonly id: string;
  readonly about: { readonly kind: 'approval' | 'webhook' | 'several'; readonly id: string };
  /** The approvals that it tells of. */
  readonly approvals: readonly string[];
  readonly stage: NoticeStage;
  readonly channel: NoticeChannel;
  readonly userId: string | null;
  readonly attempts: number;
  readonly person: { readonly name: string; readonly email: string; readonly role: Role } | null;
  readonly subscriptions: readonly (Subscription & { readonly id: string })[];
  /** Null where there is nothing to tell any more: it was decided, or whoever was to be told left or may not decide it now. */
  readonly message: Message | null;
};

/** What a notice that waits is about, as things stand now; undefined where it waits no more. */
export async function readParcel(tx: TenantTx, id: string, publicUrl: string): Promise<Parcel | undefined> {
  const { db, tenantId } = tx;
  const row = await db
    .selectFrom('notices')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const person = row.user_id === null ? null : await personOf(tx, row.user_id);
  const about = { kind: row.about_kind, id: row.about_id };
  const isThere = row.user_id === null || (person !== null && (await isStillTold(tx, about, row.user_id)));
  const wantsPush = row.channel === 'push' && row.user_id !== null;
  const whom = person && { userId: row.user_id!, role: person.role };
  const several = row.about_kind === 'several' ? await readSeveral(tx, id, whom) : undefined;
  return {
    id,
    about,
    approvals: several?.approvals ?? (row.about_kind === 'approval' ? [row.about_id] : []),
    stage: row.stage,
    channel: row.channel,
    userId: row.user_id,
    attempts: row.attempts,
    person,
    subscriptions: wantsPush ? await subscriptionsOf(tx, row.user_id!) : [],
    message: isThere ? await messageOf(tx, { ...row, several }, publicUrl) : null,
  };
}

async function personOf({ db, tenantId }: TenantTx, userId: string): Promise<Parcel['person']> {
  const row = await db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_users as u', 'u.id', 'm.user_id')
    .select(['u.name', 'u.email', 'm.role'])
    .where('m.tenant_id', '=', tenantId)
    .where('m.user_id', '=', userId)
    .executeTakeFirst();
  return row ?? null;
}

function subscriptionsOf({ db, tenantId }: TenantTx, userId: string): Promise<Parcel['subscriptions'][number][]> {
  return db
    .selectFrom('push_subscriptions as p')
    .innerJoin('auth_sessions as s', 's.id', 'p.session_id')
    .select(['p.id', 'p.endpoint', 'p.p256dh', 'p.auth'])
    .where('p.tenant_id', '=', tenantId)
    .where('p.user_id', '=', userId)
    .where(isAlive('s'))
    .execute();
}

type Row = {
  readonly id: string;
  readonly about_kind: Parcel['about']['kind'];
  readonly about_id: string;
  readonly stage: NoticeStage;
  readonly several: Several | undefined;
};

async function messageOf(
  tx: TenantTx,
  { id: noticeId, about_kind, about_id, stage, several }: Row,
  publicUrl: string,
): Promise<Message | null> {
  const { db, tenantId, at } = tx;
  const workspace = await db
    .selectFrom('workspaces')
    .select(['slug', 'name'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (several !== undefined) {
    const { approvals, webhooks } = several;
    if (approvals.length + webhooks === 0) return null;
    return severalMessage(publicUrl, workspace, { id: noticeId, approvals: approvals.length, webhooks });
  }
  if (about_kind === 'webhook') {
    const row = await db
      .selectFrom('webhook_endpoints')
      .select(['id', 'url', 'disabled_because'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', about_id)
      .where('status', '=', 'disabled')
      .executeTakeFirst();
    return row ? disabledMessage(publicUrl, workspace, { ...row, because: row.disabled_because }) : null;
  }
  const row = await db
    .selectFrom('approvals as a')
    .leftJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'a.tenant_id').onRef('c.id', '=', 'a.principal_id'),
    )
    .leftJoin('auth_users as u', 'u.id', 'a.principal_id')
    .select(['a.id', 'a.summary', 'a.tool_name', 'a.policy', 'a.expires_at'])
    .select(sql<string>`coalesce(c.name, u.name, a.principal_id)`.as('requester'))
    .where('a.tenant_id', '=', tenantId)
    .where('a.id', '=', about_id)
    .where('a.status', '=', 'pending')
    .where('a.expires_at', '>', at)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { id, summary, tool_name: tool, policy, expires_at: expiresAt, requester } = row;
  return approvalMessage(publicUrl, stage, { id, workspace, summary, tool, requester, policy, expiresAt }, at);
}
