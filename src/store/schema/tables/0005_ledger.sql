-- The ledger. Business transactions may only append to audit_pending; the sequencer alone moves rows on.
create table audit_pending (
  tenant_id uuid not null,
  id bigint generated always as identity,
  at timestamptz not null,
  event_type text not null,
  actor_kind text not null,
  actor_id text not null,
  resource_kind text not null,
  resource_id text not null,
  outcome text not null,
  entry text not null
);
-- It is read in the order of its ids and emptied; nothing looks for one of its rows.
alter table audit_pending replica identity full;
create index audit_pending_order on audit_pending (id);

create table audit_log (
  tenant_id uuid not null,
  seq bigint not null,
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
-- These two are most of the log, and so near wherever one looks that no index is needed to find them.
create index audit_log_event on audit_log (tenant_id, event_type, seq)
  where event_type <> 'execution.started' and event_type <> 'execution.executed';

-- Where a chain ends, and the hash before, so that nobody has to look for it.
create type audit_end as (seq bigint, hash bytea, prev_hash bytea);
