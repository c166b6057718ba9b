-- Who knows a password besides its owner. Until it is changed, a sign-in with it reaches nothing but the workspace
-- that knows it: the demo's, or none.
alter table auth_users
  add column must_change_password boolean not null default false,
  add column password_known_in uuid;

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
call tenant_table('invitations');
-- Before a workspace is known, a link may find its own invitation and nothing else.
create policy own_invitation on invitations for select
  using (token_sha256 = nullif(current_setting('app.invitation_sha256', true), ''));
grant select, insert, update on invitations to countersign_app;
