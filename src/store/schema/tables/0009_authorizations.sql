-- What people have authorized a connector to do at a provider. `sealed` is encrypted, and names its row; it is empty once
-- the authorization has ended by itself. `binding` is what the tokens were given for: they go nowhere else.
create table connector_authorizations (
  tenant_id uuid not null,
  connector_id text collate "C" not null,
  number integer not null,
  sealed text not null,
  host text collate "C" not null,
  binding text collate "C" not null,
  scopes text[] not null,
  renewable boolean not null,
  expires_at timestamptz,
  renew_at timestamptz,
  -- Until then one node asks the provider for the next tokens, and no other does.
  renewing_until timestamptz,
  renewed_at timestamptz not null,
  authorized_by text collate "C" not null references auth_users (id),
  authorized_at timestamptz not null,
  ended text,
  primary key (tenant_id, connector_id),
  foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);

-- Authorizations that were begun: one for each connector and browser, until it comes back from the provider.
create table authorization_requests (
  tenant_id uuid not null,
  connector_id text collate "C" not null,
  session_id text collate "C" not null,
  state_sha256 text collate "C" not null,
  sealed text not null,
  binding text collate "C" not null,
  redirect_uri text not null,
  scopes text[] not null,
  expires_at timestamptz not null,
  primary key (tenant_id, connector_id, session_id),
  unique (tenant_id, state_sha256),
  foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);
