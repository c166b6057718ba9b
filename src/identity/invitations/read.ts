import { sql } from 'kysely';
import type { Page, PageInput } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import type { InvitationView } from './schemas.ts';

function open(tx: TenantTx) {
  return tx.db
    .selectFrom('invitations as i')
    .innerJoin('auth_users as u', 'u.id', 'i.invited_by')
    .where('i.tenant_id', '=', tx.tenantId)
    .where('i.accepted_at', 'is', null)
    .where('i.revoked_at', 'is', null)
    .select(['i.id', 'i.email', 'i.role', 'i.invited_by', 'i.created_at', 'i.expires_at', 'u.name'])
    .select(sql<boolean>`i.expires_at <= now()`.as('expired'));
}

type Row = Awaited<ReturnType<ReturnType<typeof open>['executeTakeFirstOrThrow']>>;

function view({ id, email, role, invited_by, name, created_at, expires_at, expired }: Row): InvitationView {
  return {
    id,
    email,
    role,
    status: expired ? 'expired' : 'pending',
    invited_by: { id: invited_by, name },
    created_at: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
  };
}

/** The invitations that are neither accepted nor taken back. */
export function listInvitations(tx: TenantTx, page: PageInput): Promise<Page<InvitationView>> {
  return pagedList(tx, open(tx), 'i.id', page, view);
}

/** One open invitation, or undefined. */
export async function findInvitation(tx: TenantTx, id: string): Promise<InvitationView | undefined> {
  const row = await open(tx).where('i.id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** What a link's receiver is told before they accept: who invites them to what. */
export type Invited = { readonly workspace: string; readonly invitedBy: string } & Pick<
  InvitationView,
  'id' | 'email' | 'role' | 'expires_at'
>;

/** The workspace of the open invitation that a link is for, or undefined. */
export async function workspaceOfLink(store: Store, sha256: string): Promise<string | undefined> {
  const row = await store.withCredential({ invitationSha256: sha256 }, (db) =>
    db.selectFrom('invitations').select('tenant_id').where('token_sha256', '=', sha256).executeTakeFirst(),
  );
  return row?.tenant_id;
}

/** The invitation that a link is for, while it can be accepted. */
export async function readInvited(tx: TenantTx, sha256: string): Promise<Invited | undefined> {
  const row = await open(tx)
    .innerJoin('workspaces as w', 'w.tenant_id', 'i.tenant_id')
    .where('i.token_sha256', '=', sha256)
    .where('i.expires_at', '>', sql<Date>`now()`)
    .select('w.name as workspace')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, email, role, expires_at } = view(row);
  return { id, email, role, expires_at, workspace: row.workspace, invitedBy: row.name };
}
