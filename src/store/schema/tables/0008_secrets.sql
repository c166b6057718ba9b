-- Values for `{{secret:NAME}}`, the workspace's own or one client's. What is in `sealed` is encrypted, and names its row.
create table secrets (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  name text collate "C" not null check (name ~ '^[A-Z][A-Z0-9_]{0,63}$'),
  client_id text collate "C",
  hosts text[] not null check (cardinality(hosts) > 0),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_used_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, client_id) references integration_clients (tenant_id, id)
);
create unique index secrets_name on secrets (tenant_id, name, coalesce(client_id, ''));

-- The present version and the one before it.
create table secret_versions (
  tenant_id uuid not null,
  secret_id text collate "C" not null,
  number integer not null,
  sealed text not null,
  written_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, secret_id, number),
  foreign key (tenant_id, secret_id) references secrets (tenant_id, id) on delete cascade
);
