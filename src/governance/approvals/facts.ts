import { type RawBuilder, sql } from 'kysely';
import { may } from '../../identity/permissions.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import { type Asked, decidesUnnamed, type Person } from './who-decides.ts';

/** The grant `g` of a query that its approval is under, as it is now, for {@link Asked}. */
export const GRANT_NOW = sql<Asked['grant']>`case when g.id is not null then
  json_build_object('approver_user_ids', g.approver_user_ids, 'updated_by', g.updated_by) end`;

/** A vote for an approval, and who cast it. */
export type GrantedVote = Person & { readonly name: string };

/** The votes for the approval `a` of a query, oldest first, each with its voter's role as it is now. */
export const GRANTED_VOTES = sql<GrantedVote[]>`(select
  coalesce(json_agg(json_build_object('userId', d.user_id, 'role', m.role, 'name', u.name) order by d.created_at), '[]')
  from approval_decisions d
  join auth_users u on u.id = d.user_id
  left join workspace_members m on m.tenant_id = d.tenant_id and m.user_id = d.user_id
  where d.tenant_id = a.tenant_id and d.approval_id = a.id and d.decision = 'granted')`;

/** `whyNotDecide(person, a) === null` for the approval `a` of a query and its grant `g`. A test holds the two equal. */
export function mayDecide({ userId, role }: Person): RawBuilder<boolean> {
  if (role === null || !may(role, 'approvals.decide')) return sql<boolean>`false`;
  const isNamed = decidesUnnamed(role) ? sql`true` : sql`coalesce(${userId} = any(g.approver_user_ids), false)`;
  return sql<boolean>`(${isNamed} and ${userId} <> all(a.requester_user_ids)
    and (a.policy <> 'approve-dual' or g.updated_by is distinct from ${userId}))`;
}

/** Whether a person has granted the approval `a` of a query already. */
export function hasGranted(userId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from approval_decisions d where d.tenant_id = a.tenant_id
    and d.approval_id = a.id and d.user_id = ${userId} and d.decision = 'granted')`;
}

/** A person's role as it is now, held until the transaction ends: whoever is being removed votes before it or not at all. */
export async function holdRole(tx: TenantTx, userId: string): Promise<Role | null> {
  const row = await tx.db
    .selectFrom('workspace_members')
    .select('role')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .forShare()
    .executeTakeFirst();
  return row?.role ?? null;
}

/**
 * The grant of an approval as it is now, held until the transaction ends. Held before the approval itself, in the order
 * in which whoever takes a grant back locks the two.
 */
export async function holdGrant(tx: TenantTx, approvalId: string): Promise<Asked['grant']> {
  const row = await tx.db
    .selectFrom('approvals as a')
    .innerJoin('grants as g', (join) =>
      join
        .onRef('g.tenant_id', '=', 'a.tenant_id')
        .onRef('g.client_id', '=', 'a.principal_id')
        .onRef('g.tool_id', '=', 'a.tool_id'),
    )
    .select(['g.approver_user_ids', 'g.updated_by'])
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.id', '=', approvalId)
    .where('a.principal_kind', '=', 'client')
    .forShare('g')
    .executeTakeFirst();
  return row ?? null;
}
