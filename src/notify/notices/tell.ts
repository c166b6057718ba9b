import { sql } from 'kysely';
import { readDeciders } from '../../governance/approvals/deciders.ts';
import { GRANT_NOW } from '../../governance/approvals/facts.ts';
import type { Asked } from '../../governance/approvals/who-decides.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { queueNotices } from './queue-notices.ts';
import { stageAt } from './schedule.ts';

const ROUND_MAX = 100;
/** An approval that may be decided by very many is told to so many of them. */
const PEOPLE_MAX = 200;

/** Queues the notices that approvals are due for, each with the time of the next in one transaction. Says how many approvals. */
export async function tellOfApprovals(store: Store, canMail: boolean): Promise<number> {
  const due = await store.asSystem((db) =>
    db
      .selectFrom('approvals')
      .select(['tenant_id', 'id'])
      .where('status', '=', 'pending')
      .where('next_notice_at', '<=', sql<Date>`clock_timestamp()`)
      .orderBy('next_notice_at')
      .limit(ROUND_MAX)
      .execute(),
  );
  for (const { tenant_id, id } of due) await store.withTenant(tenant_id, (tx) => tellOne(tx, id, canMail));
  return due.length;
}

/** Whether a person is still one of those who are told of it: they have not voted, and lost no role and no grant since. */
export async function isStillTold(
  tx: TenantTx,
  about: { readonly kind: 'approval' | 'webhook' | 'several'; readonly id: string },
  userId: string,
): Promise<boolean> {
  // Of each of several it is asked where they are counted.
  if (about.kind === 'several') return true;
  if (about.kind === 'webhook') return (await adminsOf(tx)).includes(userId);
  const row = await pending(tx, about.id).executeTakeFirst();
  return row !== undefined && (await undecided(tx, about.id, row)).includes(userId);
}

function pending(tx: TenantTx, id: string) {
  return tx.db
    .selectFrom('approvals as a')
    .leftJoin('grants as g', (join) =>
      join
        .onRef('g.tenant_id', '=', 'a.tenant_id')
        .onRef('g.client_id', '=', 'a.principal_id')
        .onRef('g.tool_id', '=', 'a.tool_id'),
    )
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.id', '=', id)
    .where('a.status', '=', 'pending')
    .select(['a.policy', 'a.requester_user_ids', 'a.created_at', 'a.expires_at', GRANT_NOW.as('grant')]);
}

async function tellOne(tx: TenantTx, id: string, canMail: boolean): Promise<void> {
  const row = await pending(tx, id).where('a.next_notice_at', '<=', tx.at).forUpdate('a').executeTakeFirst();
  if (row === undefined) return;
  const { stage, next } = stageAt(row.created_at, row.expires_at, tx.at);
  await tx.db
    .updateTable('approvals')
    .set({ next_notice_at: next ?? sql<Date>`'infinity'` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute();
  if (row.expires_at <= tx.at) return;
  const people = await undecided(tx, id, row);
  await queueNotices(tx, { about_kind: 'approval', about_id: id, stage }, people, canMail);
}

/** Who may still decide and has not. */
async function undecided(tx: TenantTx, id: string, asked: Asked): Promise<string[]> {
  const votes = await tx.db
    .selectFrom('approval_decisions')
    .select('user_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('approval_id', '=', id)
    .execute();
  const deciders = await readDeciders(
    tx,
    asked,
    votes.map(({ user_id }) => user_id),
  );
  return deciders.slice(0, PEOPLE_MAX).map(({ user_id }) => user_id);
}

/** Tells owners and admins that a webhook was disabled. */
export async function tellOfDisabled(tx: TenantTx, endpointId: string, canMail: boolean): Promise<void> {
  const people = await adminsOf(tx);
  await queueNotices(tx, { about_kind: 'webhook', about_id: endpointId, stage: 'disabled' }, people, canMail);
}

async function adminsOf(tx: TenantTx): Promise<string[]> {
  const admins = await tx.db
    .selectFrom('workspace_members')
    .select('user_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('role', 'in', ['owner', 'admin'])
    .orderBy('user_id')
    .limit(PEOPLE_MAX)
    .execute();
  return admins.map(({ user_id }) => user_id);
}
