-- People. They exist above workspaces, so these tables are not tenant tables; column names are better-auth's.
create table auth_users (
  id text collate "C" primary key,
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null default false,
  image text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create table auth_sessions (
  id text collate "C" primary key,
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now(),
  "ipAddress" text,
  "userAgent" text,
  "userId" text collate "C" not null references auth_users (id) on delete cascade
);
create index auth_sessions_user on auth_sessions ("userId");
create table auth_accounts (
  id text collate "C" primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text collate "C" not null references auth_users (id) on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index auth_accounts_user on auth_accounts ("userId");
create table auth_verifications (
  id text collate "C" primary key,
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index auth_verifications_identifier on auth_verifications (identifier);

-- Workspaces and their members.
create table workspaces (
  tenant_id uuid primary key,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  name text not null,
  approval_ttl_seconds integer not null default 1800 check (approval_ttl_seconds between 60 and 604800),
  -- Moves with every change that can turn an allowed call into a refused one; an intent is recorded only
  -- against the version its decision was made on.
  facts_version bigint not null default 1,
  created_at timestamptz not null default now()
);

create table workspace_members (
  tenant_id uuid not null references workspaces (tenant_id),
  user_id text collate "C" not null references auth_users (id),
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  primary key (tenant_id, user_id)
);
create unique index workspace_members_one_owner on workspace_members (tenant_id) where role = 'owner';
create index workspace_members_user on workspace_members (user_id);

-- The registry: who calls, with what credential, which tools, and what is granted.
create table integration_clients (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  name text not null,
  description text not null default '',
  draft_only boolean not null default false,
  rpm_limit integer not null default 600 check (rpm_limit between 0 and 1000000),
  owner_user_id text collate "C" not null references auth_users (id),
  status text not null default 'active' check (status in ('active', 'revoked')),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (tenant_id, id)
);

create table client_tokens (
  tenant_id uuid not null,
  id text collate "C" not null,
  client_id text collate "C" not null,
  name text not null,
  prefix text not null,
  token_sha256 text collate "C" not null,
  created_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  rotated_to text collate "C",
  last_used_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, client_id) references integration_clients (tenant_id, id)
);
create index client_tokens_sha256 on client_tokens (token_sha256);
create index client_tokens_client on client_tokens (tenant_id, client_id);

create table connectors (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  name text not null,
  kind text not null check (kind in ('http', 'webhook', 'openapi', 'mcp', 'email', 'noop')),
  config jsonb not null,
  status text not null default 'authorized' check (status in ('authorized', 'revoked')),
  version integer not null default 1,
  created_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table tools (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  name text collate "C" not null,
  description text not null default '',
  effect text not null check (effect in ('read', 'draft', 'write', 'send', 'publish', 'charge', 'delete')),
  input_schema jsonb not null,
  connector_id text collate "C",
  handler_kind text not null check (handler_kind in ('http', 'noop')),
  handler_config jsonb not null,
  definition_sha256 text collate "C" not null,
  status text not null default 'active' check (status in ('active', 'archived')),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);
create unique index tools_name on tools (tenant_id, name) where status = 'active';

create table grants (
  tenant_id uuid not null,
  id text collate "C" not null,
  client_id text collate "C" not null,
  tool_id text collate "C" not null,
  policy text not null check (policy in ('auto', 'approve', 'approve-dual')),
  approver_user_ids text[] not null default '{}',
  version integer not null default 1,
  updated_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, client_id, tool_id),
  foreign key (tenant_id, client_id) references integration_clients (tenant_id, id),
  foreign key (tenant_id, tool_id) references tools (tenant_id, id)
);

create table kill_switches (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  scope text not null check (scope in ('workspace', 'tool', 'agent', 'client')),
  target_id text collate "C" not null default '',
  reason text not null,
  flipped_by text collate "C" not null references auth_users (id),
  flipped_at timestamptz not null default now(),
  lifted_by text collate "C" references auth_users (id),
  lifted_at timestamptz,
  lift_reason text,
  primary key (tenant_id, id)
);
create unique index kill_switches_on on kill_switches (tenant_id, scope, target_id) where lifted_at is null;

-- Tool calls, and the approvals that hold some of them.
create table agent_execution_logs (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  status text not null check (status in
    ('pending_approval', 'running', 'executed', 'failed', 'unknown', 'denied', 'cancelled')),
  principal_kind text not null check (principal_kind in ('member', 'client', 'agent', 'visitor', 'system')),
  principal_id text collate "C" not null,
  token_id text collate "C",
  tool_id text collate "C",
  tool_name text not null,
  effect text,
  policy text,
  arguments text,
  payload_sha256 text collate "C",
  step text,
  code text,
  detail text,
  result text,
  error text,
  approval_id text collate "C",
  idempotency_key text collate "C",
  request_sha256 text collate "C",
  created_at timestamptz not null default now(),
  started_at timestamptz,
  deadline_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create unique index agent_execution_logs_idempotency
  on agent_execution_logs (tenant_id, principal_id, idempotency_key) where idempotency_key is not null;
create index agent_execution_logs_running on agent_execution_logs (deadline_at) where status = 'running';

create table approvals (
  tenant_id uuid not null,
  id text collate "C" not null,
  execution_id text collate "C" not null,
  status text not null default 'pending' check (status in
    ('pending', 'approved', 'denied', 'expired', 'cancelled', 'superseded', 'consumed')),
  policy text not null check (policy in ('approve', 'approve-dual')),
  policy_rule text,
  envelope text not null,
  payload_sha256 text collate "C" not null,
  definition_sha256 text collate "C" not null,
  tool_id text collate "C" not null,
  tool_name text not null,
  effect text not null,
  principal_kind text not null,
  principal_id text collate "C" not null,
  -- People who may not decide: who asked (or owns the credential that asked), and for a dual approval
  -- also the last editor of the grant's policy.
  requester_user_ids text[] not null,
  approver_user_ids text[] not null default '{}',
  execute_on_approval boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  -- When the gateway set out to execute it after the decision; infinity once that was refused.
  attempted_at timestamptz,
  consumed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, execution_id) references agent_execution_logs (tenant_id, id),
  foreign key (tenant_id, tool_id) references tools (tenant_id, id)
);
create index approvals_open on approvals (expires_at) where status in ('pending', 'approved');
create index approvals_status on approvals (tenant_id, status, id);
create index approvals_execution on approvals (tenant_id, execution_id);

create table approval_decisions (
  tenant_id uuid not null,
  id text collate "C" not null,
  approval_id text collate "C" not null,
  user_id text collate "C" not null references auth_users (id),
  decision text not null check (decision in ('granted', 'denied')),
  reason text,
  payload_sha256 text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, approval_id, user_id),
  foreign key (tenant_id, approval_id) references approvals (tenant_id, id)
);

-- The ledger. Business transactions may only append to audit_pending; the sequencer alone moves rows on.
create table audit_pending (
  tenant_id uuid not null references workspaces (tenant_id),
  id bigint generated always as identity,
  at timestamptz not null,
  event_type text not null,
  actor_kind text not null,
  actor_id text not null,
  resource_kind text not null,
  resource_id text not null,
  outcome text not null,
  entry text not null,
  primary key (tenant_id, id)
);
create index audit_pending_order on audit_pending (id);

create table audit_log (
  tenant_id uuid not null references workspaces (tenant_id),
  seq bigint not null check (seq > 0),
  prev_hash bytea not null,
  hash bytea not null,
  at timestamptz not null,
  event_type text not null,
  actor_kind text not null,
  actor_id text not null,
  resource_kind text not null,
  resource_id text not null,
  outcome text not null,
  entry text not null,
  primary key (tenant_id, seq)
);
create index audit_log_resource on audit_log (tenant_id, resource_id, seq);
create index audit_log_event on audit_log (tenant_id, event_type, seq);
