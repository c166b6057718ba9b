-- Where other systems are told of events. What is told is read from audit_log when it is sent, so a delivery is a reference.
create table webhook_endpoints (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  url text not null,
  description text not null default '',
  -- Event types, families such as `approval.*`, or `*` alone.
  events text[] not null check (cardinality(events) > 0),
  status text not null default 'enabled' check (status in ('enabled', 'disabled')),
  disabled_because text check (disabled_because in ('member', 'gone', 'failing')),
  -- Since when every attempt has failed.
  failing_since timestamptz,
  last_success_at timestamptz,
  -- It is told of what happens from then on.
  enabled_at timestamptz not null default now(),
  -- The number of the secret that signs.
  secret_number integer not null default 1,
  version integer not null default 1,
  created_by text collate "C" not null references auth_users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

-- Signing secrets of endpoints, and addresses that are secrets themselves. `sealed` is encrypted, and names its row.
create table notify_secrets (
  tenant_id uuid not null,
  secret_id text collate "C" not null,
  number integer not null,
  sealed text not null,
  created_at timestamptz not null default now(),
  -- Until when it is used beside the one that replaced it.
  ends_at timestamptz,
  primary key (tenant_id, secret_id, number)
);

-- One event on its way to one endpoint. No foreign keys: rows of an endpoint that is gone are removed bit by bit.
create table webhook_deliveries (
  tenant_id uuid not null,
  id text collate "C" not null,
  endpoint_id text collate "C" not null,
  event_id text collate "C" not null,
  event_type text not null,
  -- The entry of audit_log that it tells of; null for a ping.
  seq bigint,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'cancelled')),
  attempts jsonb not null default '[]',
  attempt_count integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  -- The delivery that somebody had sent again.
  origin_id text collate "C",
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index webhook_deliveries_endpoint on webhook_deliveries (tenant_id, endpoint_id, id);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, endpoint_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_finished on webhook_deliveries (finished_at) where finished_at is not null;

-- Stretches of chains that endpoints have yet to hear of: what is behind `from_seq` up to `to_seq`. The sequencer adds one a
-- round and workspace; deliveries are made of them bit by bit (webhook_enqueue.sql), so that it never waits for as many as
-- there are endpoints.
create table webhook_backlog (
  tenant_id uuid not null,
  from_seq bigint not null,
  to_seq bigint not null,
  primary key (tenant_id, from_seq)
);

-- When an endpoint's next attempt is due, and until when a node works on it. One row an endpoint: a receiver with many
-- deliveries stands in line once, like any other. Apart from the endpoint, so that the sequencer never waits for somebody
-- who edits one, and without a foreign key for the same reason.
create table webhook_queues (
  tenant_id uuid not null,
  endpoint_id text collate "C" not null,
  due_at timestamptz,
  claimed_until timestamptz,
  -- Whether its last attempt failed: those that hang must not take every place.
  failing boolean not null default false,
  pending integer not null default 0,
  -- Events that were not queued because too many were.
  missed bigint not null default 0,
  primary key (tenant_id, endpoint_id)
);
create index webhook_queues_due on webhook_queues (due_at) where due_at is not null;
