import { type RawBuilder, sql } from 'kysely';
import { isAlive } from '../../identity/sessions.ts';
import type { Effect, Policy } from '../../kernel/codes.ts';
import { isId } from '../../kernel/ids.ts';
import type { GrantRule } from '../../registry/grants/rules.ts';
import type { TenantTx } from '../../store/store.ts';
import type { KillScope, Role } from '../../store/tables.ts';
import type { Call } from '../call.ts';
import type { ApprovalFacts } from './facts.ts';

export type TokenRow = {
  id: string;
  revoked: boolean;
  expires_at: string | null;
  expired: boolean;
  created_by: string;
};
export type ToolRow = {
  id: string;
  name: string;
  effect: Effect;
  handler_kind: string;
  handler_config: unknown;
  input_schema: unknown;
  definition_sha256: string;
  quarantined: boolean;
  labels: string[];
  connector: { id: string; kind: string; config: unknown; revoked: boolean } | null;
};
export type GrantRow = {
  policy: Policy;
  approver_user_ids: string[];
  rules: GrantRule[];
  justification_required: boolean;
  updated_by: string;
  created_at: string;
};

/** What facts say of whoever calls, whatever the tool. */
export type CallerRow = {
  version: string;
  approval_ttl_seconds: number;
  client: {
    revoked: boolean;
    draft_only: boolean;
    rpm_limit: number;
    owner_user_id: string;
    trusted_run_ids: boolean;
  } | null;
  token: TokenRow | null;
  /** Of the member who calls; null when they have left. */
  role: Role | null;
  switches_on: { id: string; scope: KillScope; target_id: string; lifted_until: string | null }[];
};
export type FactsRow = CallerRow & {
  grant: GrantRow | null;
  tool: ToolRow | null;
  /** Whether it publishes a draft; and that draft, while it is there and its client and token are not revoked. */
  publishes?: boolean;
  drafted?: {
    client_id: string;
    owner_user_id: string;
    token_id: string | null;
    token_created_by: string | null;
    run_labels: string[];
    edited_by: string | null;
  } | null;
};

/** A client as one of its tokens presents it. */
export type ClientCaller = { readonly clientId: string; readonly tokenId: string | null };

const TOOL: RawBuilder<ToolRow | null> = sql`
  case when t.id is not null then json_build_object('id', t.id, 'name', t.name, 'effect', t.effect,
    'handler_kind', t.handler_kind, 'handler_config', t.handler_config, 'input_schema', t.input_schema,
    'definition_sha256', t.definition_sha256, 'quarantined', t.quarantined_at is not null,
    'labels', t.labels, 'connector', case when n.id is not null then
      json_build_object('id', n.id, 'kind', n.kind, 'config', n.config, 'revoked', n.status = 'revoked') end) end`;

const GRANT: RawBuilder<GrantRow | null> = sql`
  case when g.id is not null then json_build_object('policy', g.policy,
    'approver_user_ids', g.approver_user_ids, 'rules', g.rules, 'justification_required', g.justification_required,
    'updated_by', g.updated_by, 'created_at', g.created_at) end`;

/** Those that are on, also while an owner has lifted one for a time. */
const SWITCHES_ON = sql`(select coalesce(json_agg(json_build_object('id', s.id, 'scope', s.scope, 'target_id', s.target_id,
    'lifted_until', case when s.glass_until > now() then s.glass_until end)), '[]')
    from kill_switches s where s.tenant_id = w.tenant_id and s.lifted_at is null) as switches_on`;

const CLIENT = sql`
  w.facts_version as version, w.approval_ttl_seconds, null as role,
  json_build_object('revoked', c.status = 'revoked', 'draft_only', c.draft_only, 'rpm_limit', c.rpm_limit,
    'owner_user_id', c.owner_user_id, 'trusted_run_ids', c.trusted_run_ids) as client,
  case when k.id is not null then json_build_object('id', k.id, 'revoked', k.revoked_at is not null,
    'expires_at', k.expires_at, 'expired', k.expires_at <= now(), 'created_by', k.created_by) end as token,
  ${SWITCHES_ON}`;

const client = ({ clientId, tokenId }: ClientCaller) => sql`
  from workspaces w
  join integration_clients c on c.tenant_id = w.tenant_id and c.id = ${clientId}
  left join client_tokens k on k.tenant_id = w.tenant_id and k.id = ${tokenId} and k.client_id = c.id`;

/** What is so for a client, whatever it calls. */
export async function readClient(tx: TenantTx, caller: ClientCaller): Promise<CallerRow | undefined> {
  const { rows } = await sql<CallerRow>`
    select ${CLIENT} ${client(caller)} where w.tenant_id = ${tx.tenantId}`.execute(tx.db);
  return rows[0];
}

/** What is so for a client that calls this tool. */
export async function readClientFacts(
  tx: TenantTx,
  caller: ClientCaller,
  toolName: string,
): Promise<FactsRow | undefined> {
  const { rows } = await sql<FactsRow>`
    select ${CLIENT}, ${GRANT} as "grant", ${TOOL} as tool
    ${client(caller)}
    left join tools t on t.tenant_id = w.tenant_id and t.name = ${toolName} and t.status = 'active'
    left join connectors n on n.tenant_id = t.tenant_id and n.id = t.connector_id
    left join grants g on g.tenant_id = w.tenant_id and g.client_id = c.id and g.tool_id = t.id
    where w.tenant_id = ${tx.tenantId}`.execute(tx.db);
  return rows[0];
}

export type GrantedRow = {
  grant: GrantRow;
  tool: ToolRow;
  description: string;
  /** What its MCP server says of it, as it was accepted. */
  definition: Readonly<Record<string, unknown>> | null;
};

/** Every active tool that was granted to a client, by name. */
export async function readGranted(tx: TenantTx, clientId: string): Promise<GrantedRow[]> {
  const { rows } = await sql<GrantedRow>`
    select ${GRANT} as "grant", ${TOOL} as tool, t.description, d.definition
    from grants g
    join tools t on t.tenant_id = g.tenant_id and t.id = g.tool_id and t.status = 'active'
    left join connectors n on n.tenant_id = t.tenant_id and n.id = t.connector_id
    left join mcp_definitions d on d.tenant_id = t.tenant_id and d.tool_id = t.id
    where g.tenant_id = ${tx.tenantId} and g.client_id = ${clientId}
    order by t.name`.execute(tx.db);
  return rows;
}

/**
 * What is so for a member who calls this tool; undefined when the sign-in that the call is made in has ended. A draft that
 * they publish, or whose publication was approved, stands under the grant of the client that drafted it.
 */
export async function readMemberFacts(
  tx: TenantTx,
  { userId, sessionId }: { readonly userId: string; readonly sessionId?: string },
  { toolName, draft, approvalId }: Pick<Call, 'toolName' | 'draft' | 'approvalId'>,
): Promise<FactsRow | undefined> {
  const { rows } = await sql<FactsRow>`
    select w.facts_version as version, w.approval_ttl_seconds, null as client, null as token, ${GRANT} as "grant",
      m.role, ${TOOL} as tool, (${draft !== undefined} or p.via = 'draft') as publishes,
      case when c.id is not null and k.revoked_at is null then json_build_object('client_id', c.id,
        'owner_user_id', c.owner_user_id, 'token_id', d.token_id, 'token_created_by', k.created_by,
        'run_labels', d.run_labels, 'edited_by', d.edited_by) end as drafted,
      ${SWITCHES_ON}
    from workspaces w
    left join workspace_members m on m.tenant_id = w.tenant_id and m.user_id = ${userId}
    left join tools t on t.tenant_id = w.tenant_id and t.name = ${toolName} and t.status = 'active'
    left join connectors n on n.tenant_id = t.tenant_id and n.id = t.connector_id
    left join approvals a on a.tenant_id = w.tenant_id and a.id = ${approvalId ?? null}
    left join agent_execution_logs p on p.tenant_id = w.tenant_id and p.id = a.execution_id
    left join drafts d on d.tenant_id = w.tenant_id and d.tool_id = t.id
      and (d.id = ${draft?.id ?? null} or d.execution_id = a.execution_id)
    left join integration_clients c on c.tenant_id = d.tenant_id and c.id = d.client_id and c.status = 'active'
    left join client_tokens k on k.tenant_id = d.tenant_id and k.id = d.token_id
    left join grants g on g.tenant_id = c.tenant_id and g.client_id = c.id and g.tool_id = t.id
    where w.tenant_id = ${tx.tenantId} and ${isSignedIn(sessionId)}`.execute(tx.db);
  return rows[0];
}

function isSignedIn(sessionId: string | undefined): RawBuilder<boolean> {
  if (sessionId === undefined) return sql`true`;
  return sql`exists (select from auth_sessions s where s.id = ${sessionId} and ${isAlive('s')})`;
}

/** An approval of this principal as it is now, or null. */
export async function readApproval(tx: TenantTx, id: string, principalId: string): Promise<ApprovalFacts | null> {
  if (!isId('apv', id)) return null;
  const row = await tx.db
    .selectFrom('approvals as a')
    .innerJoin('agent_execution_logs as e', (join) =>
      join.onRef('e.tenant_id', '=', 'a.tenant_id').onRef('e.id', '=', 'a.execution_id'),
    )
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.id', '=', id)
    .where('a.principal_id', '=', principalId)
    .select(['a.id', 'a.status', 'a.execution_id', 'a.payload_sha256', 'a.definition_sha256', 'a.created_at'])
    .select(['a.justification', 'a.run_labels', 'e.run_id', 'e.on_behalf_of'])
    .select(['e.detail', sql<boolean>`a.expires_at <= clock_timestamp()`.as('is_over')])
    .select((eb) =>
      eb
        .selectFrom('approval_decisions as d')
        .whereRef('d.tenant_id', '=', 'a.tenant_id')
        .whereRef('d.approval_id', '=', 'a.id')
        .where('d.decision', '=', 'denied')
        .select('d.reason')
        .limit(1)
        .as('denied_reason'),
    )
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    status: row.status,
    isOver: row.is_over,
    executionId: row.execution_id,
    payloadSha256: row.payload_sha256,
    definitionSha256: row.definition_sha256,
    justification: row.justification,
    createdAt: row.created_at,
    ...(row.run_id !== null && { runId: row.run_id }),
    ...(row.on_behalf_of !== null && { onBehalfOf: row.on_behalf_of }),
    ...(row.run_labels !== null && { runLabels: row.run_labels }),
    deniedReason: row.denied_reason,
    endedDetail: row.status === 'cancelled' ? row.detail : null,
  };
}

/** The call that a principal has made with this Idempotency-Key. */
export async function readKey(tx: TenantTx, principalId: string, key: string): Promise<string | undefined> {
  const row = await tx.db
    .selectFrom('idempotency_keys')
    .select('execution_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('principal_id', '=', principalId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.execution_id;
}
