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
  kind text not null, -- of src/upstream/kinds.ts, which refuses what it does not have
  config jsonb not null,
  status text not null default 'active' check (status in ('active', 'revoked')),
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
  handler_kind text not null, -- of src/upstream/kinds.ts, as connectors.kind
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
  rules jsonb not null default '[]',
  justification_required boolean not null default false,
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
  -- An owner has lifted it until then, and no longer (break-glass).
  glass_until timestamptz,
  glass_by text collate "C" references auth_users (id),
  glass_reason text,
  primary key (tenant_id, id)
);
create index kill_switches_glass on kill_switches (glass_until) where glass_until is not null;
create unique index kill_switches_on on kill_switches (tenant_id, scope, target_id) where lifted_at is null;
