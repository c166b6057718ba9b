import { type RawBuilder, sql } from 'kysely';
import { PERMISSIONS } from '../../identity/permissions.ts';
import type { KillScope } from '../../store/tables.ts';
import { STOPPED } from '../kill-switches/decide.ts';

/** Why a call that waits, or was approved, would be refused if it were made now. */
export type Obstacle = { readonly code: ObstacleCode; readonly detail: string };

const DETAILS = {
  client_revoked: 'The client was revoked.',
  token_revoked: 'The token it was asked for with was revoked.',
  member_left: 'Whoever asked for it may not call tools here any more.',
  stopped: 'A kill switch stops it until an admin lifts it.',
  tool_archived: 'The tool was archived.',
  tool_not_granted: 'The client has no grant for this tool any more.',
  connector_revoked: "The tool's connector was revoked.",
  draft_only: 'The client may only read and draft now.',
  tool_quarantined: 'Its MCP server has changed what it says of this tool. An admin has to look at that first.',
  policy_changed: "The grant's policy was changed after this was asked for. The client has to ask again.",
  definition_drift: 'The tool was changed after this was asked for. The client has to ask again.',
  grant_renewed: 'The grant was made anew after this was asked for. The client has to ask again.',
} as const;

export type ObstacleCode = keyof typeof DETAILS;

const MAY_CALL: readonly string[] = PERMISSIONS['tools.test'];

/**
 * Whether the grant asks for other people now, or by another rule, as far as that can be told without asking its rules: the
 * rule that raised the call is there, still raises to as many, and the grant itself asks for fewer.
 */
const POLICY_CHANGED = sql<boolean>`case when a.policy_rule is null then g.policy <> a.policy
  else g.policy in ('approve-dual', a.policy) or not exists (select from jsonb_array_elements(g.rules) r
    where r ->> 'name' = a.policy_rule and (a.policy_fault is not null or r ->> 'policy' = a.policy)) end`;

/**
 * What a ruling on the approval `a` of a query would refuse now, in the order of the ruling; null when nothing does, and
 * for one that is over. `e` is its call, `c` its client, `t` the tool, `n` the connector and `g` the grant. What is the
 * same for all of them is asked once. A test holds it against calls that are really made.
 */
export function obstacleIn(tenantId: string): RawBuilder<string | null> {
  const isOn = (target: RawBuilder<unknown>) => sql`${target} = any(array(
    select s.scope || ' ' || s.target_id from kill_switches s where s.tenant_id = ${tenantId} and s.lifted_at is null
      and (s.glass_until > clock_timestamp()) is not true))`;
  return sql<string | null>`case
    when a.status not in ('pending', 'approved') or a.expires_at <= clock_timestamp() then null
    when a.principal_kind = 'client' and c.status is distinct from 'active' then 'client_revoked'
    when a.execute_on_approval and exists (select from client_tokens k where k.tenant_id = a.tenant_id
      and k.id = e.token_id and k.revoked_at is not null) then 'token_revoked'
    when ${isOn(sql`'workspace '`)} then 'stopped workspace'
    when ${isOn(sql`'tool ' || a.tool_id`)} then 'stopped tool'
    when a.principal_kind = 'client' and ${isOn(sql`'client ' || a.principal_id`)} then 'stopped client'
    when a.principal_kind = 'member' and ${isOn(sql`'client ' || (select d.client_id from drafts d
      where d.tenant_id = a.tenant_id and d.execution_id = a.execution_id)`)} then 'stopped client'
    when a.principal_kind = 'member' and a.principal_id <> all(array(select m.user_id from workspace_members m
      where m.tenant_id = ${tenantId} and m.role = any(${MAY_CALL}))) then 'member_left'
    when t.status <> 'active' then 'tool_archived'
    when a.principal_kind = 'client' and g.id is null then 'tool_not_granted'
    when n.status = 'revoked' then 'connector_revoked'
    when t.quarantined_at is not null then 'tool_quarantined'
    when a.principal_kind = 'client' and c.draft_only and t.effect not in ('read', 'draft') then 'draft_only'
    when t.definition_sha256 <> a.definition_sha256 then 'definition_drift'
    when g.created_at > a.created_at then 'grant_renewed'
    when ${POLICY_CHANGED} then 'policy_changed'
  end`;
}

/** The obstacle that {@link obstacleIn} found, in words. */
export function obstacleOf(found: string | null): Obstacle | null {
  if (found === null) return null;
  const [code, scope] = found.split(' ') as [ObstacleCode, KillScope | undefined];
  return { code, detail: scope === undefined ? DETAILS[code] : STOPPED[scope] };
}
