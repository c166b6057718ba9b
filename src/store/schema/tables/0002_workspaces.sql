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

-- Joining is by an invitation that its receiver accepts. Of its link only the hash is kept.
create table invitations (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  email text not null,
  role text not null check (role in ('admin', 'member', 'viewer')),
  token_sha256 text collate "C" not null,
  invited_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by text collate "C" references auth_users (id),
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
create unique index invitations_open on invitations (tenant_id, email) where accepted_at is null and revoked_at is null;
create index invitations_sha256 on invitations (token_sha256);
