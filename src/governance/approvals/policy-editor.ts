import { type RawBuilder, sql } from 'kysely';

/**
 * Who last edited the grant that a dual approval is under, as a column of a query over `approvals` (named `alias`);
 * null for other approvals and where the grant is gone. Asked for when a vote is cast: whoever edits or makes the
 * grant anew while a request waits has a hand in its policy too.
 */
export function policyEditor(alias: string): RawBuilder<string | null> {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return sql<string | null>`(select g.updated_by from grants g where ${column('policy')} = 'approve-dual'
    and g.tenant_id = ${column('tenant_id')} and g.client_id = ${column('principal_id')}
    and g.tool_id = ${column('tool_id')})`;
}

/** The people who may not decide an approval: those it was pinned with, and the editor of its policy. */
export function excludedFrom(approval: {
  readonly requester_user_ids: readonly string[];
  readonly policy_editor: string | null;
}): readonly string[] {
  const { requester_user_ids, policy_editor } = approval;
  return policy_editor === null ? requester_user_ids : [...requester_user_ids, policy_editor];
}
