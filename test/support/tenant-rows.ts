import type { ClientBase } from 'pg';

type Row = Record<string, unknown>;

/** Three workspaces: two with a row in every table, one that is not there yet. */
export const TENANTS = {
  a: '01936f00-0000-7000-8000-00000000000a',
  b: '01936f00-0000-7000-8000-00000000000b',
  c: '01936f00-0000-7000-8000-00000000000c',
} as const;
export const USER = 'usr_tenancy';
const SECOND_USER = 'usr_tenancy_2';

/**
 * One row of every tenant table, parents first. `n` makes several of a tenant; references lead to the first.
 * A new table needs a row here, or the tenancy test says so.
 */
export const TENANT_ROWS: Readonly<Record<string, (tenant: string, n: number) => Row>> = {
  workspaces: (tenant) => ({ tenant_id: tenant, slug: 'same-slug', name: 'W' }),
  workspace_members: (tenant, n) => ({ tenant_id: tenant, user_id: n === 1 ? USER : SECOND_USER, role: 'member' }),
  integration_clients: (tenant, n) => ({ tenant_id: tenant, id: `icl_${n}`, name: 'C', owner_user_id: USER }),
  invitations: (tenant, n) => ({
    tenant_id: tenant,
    id: `inv_${n}`,
    email: `invited-${n}@example.com`,
    role: 'member',
    token_sha256: `invitation ${tenant} ${n}`,
    invited_by: USER,
    expires_at: new Date('2030-01-01'),
  }),
  client_tokens: (tenant, n) => ({
    tenant_id: tenant,
    id: `tok_${n}`,
    client_id: 'icl_1',
    name: 'T',
    prefix: 'abcdefgh',
    token_sha256: `${tenant} ${n}`,
    created_by: USER,
  }),
  connectors: (tenant, n) => ({
    tenant_id: tenant,
    id: `con_${n}`,
    name: `C${n}`,
    kind: 'noop',
    config: '{}',
    created_by: USER,
  }),
  tools: (tenant, n) => ({
    tenant_id: tenant,
    id: `tool_${n}`,
    name: `tool_${n}`,
    effect: 'read',
    input_schema: '{}',
    connector_id: 'con_1',
    handler_kind: 'noop',
    handler_config: '{}',
    definition_sha256: 'x',
  }),
  mcp_definitions: (tenant, n) => ({
    tenant_id: tenant,
    tool_id: n === 1 ? 'tool_1' : 'tool_0',
    list: 'tools',
    remote_name: 'echo',
    definition: '{}',
    pin: 'x',
  }),
  grants: (tenant, n) => ({
    tenant_id: tenant,
    id: `grt_${n}`,
    client_id: 'icl_1',
    tool_id: n === 1 ? 'tool_1' : 'tool_0',
    policy: 'auto',
    updated_by: USER,
  }),
  secrets: (tenant, n) => ({ tenant_id: tenant, id: `sec_${n}`, name: `SECRET_${n}`, hosts: ['a.example'] }),
  secret_versions: (tenant, n) => ({
    tenant_id: tenant,
    secret_id: 'sec_1',
    number: n,
    sealed: 'x',
    written_by: USER,
  }),
  connector_authorizations: (tenant, n) => ({
    tenant_id: tenant,
    connector_id: `con_${n}`,
    number: 1,
    sealed: 'x',
    host: 'a.example',
    binding: 'x',
    scopes: [],
    renewable: true,
    renewed_at: new Date('2026-01-01'),
    authorized_by: USER,
    authorized_at: new Date('2026-01-01'),
  }),
  authorization_requests: (tenant, n) => ({
    tenant_id: tenant,
    connector_id: 'con_1',
    session_id: `session_${n}`,
    state_sha256: `state ${n}`,
    sealed: 'x',
    binding: 'x',
    redirect_uri: 'x',
    scopes: [],
    expires_at: new Date('2030-01-01'),
  }),
  kill_switches: (tenant, n) => ({
    tenant_id: tenant,
    id: `kil_${n}`,
    scope: 'tool',
    target_id: `tool_${n}`,
    reason: 'R',
    flipped_by: USER,
  }),
  drafts: (tenant, n) => ({
    tenant_id: tenant,
    id: `drf_${n}`,
    client_id: 'icl_1',
    tool_id: 'tool_1',
    tool_name: 'tool_1',
    effect: 'send',
    arguments: '{}',
    summary: 'S',
    suspicious: false,
    run_labels: [],
    via: 'rest',
  }),
  agent_execution_logs: (tenant, n) => ({
    tenant_id: tenant,
    id: `exe_${n}`,
    status: 'executed',
    principal_kind: 'client',
    principal_id: 'icl_1',
    tool_name: 'tool_1',
    via: 'rest',
  }),
  run_labels: (tenant, n) => ({
    tenant_id: tenant,
    principal_id: 'icl_1',
    run: `run:${n}`,
    labels: ['untrusted'],
    labelled_at: new Date('2026-01-01'),
  }),
  idempotency_keys: (tenant, n) => ({
    tenant_id: tenant,
    principal_id: 'icl_1',
    key: `key ${n}`,
    execution_id: 'exe_1',
    request_sha256: 'x',
  }),
  approvals: (tenant, n) => ({
    tenant_id: tenant,
    id: `apv_${n}`,
    execution_id: 'exe_1',
    policy: 'approve',
    envelope: '{}',
    payload_sha256: 'x',
    definition_sha256: 'x',
    tool_id: 'tool_1',
    tool_name: 'tool_1',
    effect: 'read',
    principal_kind: 'client',
    principal_id: 'icl_1',
    requester_user_ids: [],
    expires_at: new Date('2030-01-01'),
  }),
  approval_decisions: (tenant, n) => ({
    tenant_id: tenant,
    id: `apd_${n}`,
    approval_id: 'apv_1',
    user_id: n === 1 ? USER : SECOND_USER,
    decision: 'granted',
    payload_sha256: 'x',
  }),
  webhook_endpoints: (tenant, n) => ({
    tenant_id: tenant,
    id: `whk_${n}`,
    url: 'https://a.example',
    events: ['*'],
    created_by: USER,
  }),
  notify_secrets: (tenant, n) => ({ tenant_id: tenant, secret_id: 'whk_1', number: n, sealed: 'x' }),
  webhook_deliveries: (tenant, n) => ({
    tenant_id: tenant,
    id: `dlv_${n}`,
    endpoint_id: 'whk_1',
    event_id: `evt_${n}`,
    event_type: 'webhook.ping',
  }),
  webhook_backlog: (tenant, n) => ({ tenant_id: tenant, from_seq: n, to_seq: n + 1 }),
  webhook_queues: (tenant, n) => ({ tenant_id: tenant, endpoint_id: `whk_${n}` }),
  notices: (tenant, n) => ({
    tenant_id: tenant,
    id: `ntc_${n}`,
    about_kind: 'approval',
    about_id: 'apv_1',
    stage: 'asked',
    channel: 'email',
    user_id: USER,
  }),
  approval_opens: (tenant, n) => ({
    tenant_id: tenant,
    approval_id: 'apv_1',
    user_id: n === 1 ? USER : SECOND_USER,
  }),
  notice_choices: (tenant, n) => ({ tenant_id: tenant, user_id: n === 1 ? USER : SECOND_USER }),
  push_subscriptions: (tenant, n) => ({
    tenant_id: tenant,
    id: `psh_${n}`,
    user_id: USER,
    session_id: `session_${USER}`,
    endpoint: `https://push.example/${n}`,
    p256dh: 'x',
    auth: 'x',
  }),
  audit_pending: (tenant) => ({ tenant_id: tenant, ...ENTRY }),
  audit_log: (tenant, n) => ({
    tenant_id: tenant,
    seq: n,
    prev_hash: Buffer.alloc(32),
    hash: Buffer.alloc(32),
    ...ENTRY,
  }),
};

const ENTRY = {
  at: new Date('2026-01-01'),
  event_type: 'tool.created',
  actor_kind: 'member',
  actor_id: USER,
  resource_kind: 'tool',
  resource_id: 'tool_1',
  outcome: 'created',
  entry: '{}',
};

/** The statement that inserts a row, and its values. */
export function insertion(table: string, row: Row): { text: string; values: unknown[] } {
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  return { text: `insert into ${table} (${names.join()}) values (${places.join()})`, values: Object.values(row) };
}

/** Fills both workspaces, as somebody who may write everywhere. */
export async function seedTenantRows(client: ClientBase): Promise<void> {
  for (const id of [USER, SECOND_USER]) {
    await client.query(insertion('auth_users', { id, name: 'U', email: `${id}@example.com` }));
    const session = { id: `session_${id}`, token: id, '"expiresAt"': new Date('2030-01-01'), '"userId"': id };
    await client.query(insertion('auth_sessions', session));
  }
  for (const tenant of [TENANTS.a, TENANTS.b]) {
    for (const [table, row] of Object.entries(TENANT_ROWS)) {
      await client.query(insertion(table, row(tenant, 1)));
      // A second tool, for a second grant to lead to.
      if (table === 'tools') await client.query(insertion(table, row(tenant, 0)));
    }
  }
}
