import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import type { Asked, Person } from './who-decides.ts';

/** The grant that the approval `a` of a query is under, as it is now, for {@link Asked}. */
export const GRANT_NOW = sql<Asked['grant']>`(select
  json_build_object('approver_user_ids', g.approver_user_ids, 'updated_by', g.updated_by) from grants g
  where a.principal_kind = 'client' and g.tenant_id = a.tenant_id and g.client_id = a.principal_id
    and g.tool_id = a.tool_id)`;

/** The votes for the approval `a` of a query, each with its voter's role as it is now. */
export const GRANTED_VOTES = sql<Person[]>`(select
  coalesce(json_agg(json_build_object('userId', d.user_id, 'role', m.role)), '[]') from approval_decisions d
  left join workspace_members m on m.tenant_id = d.tenant_id and m.user_id = d.user_id
  where d.tenant_id = a.tenant_id and d.approval_id = a.id and d.decision = 'granted')`;

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
