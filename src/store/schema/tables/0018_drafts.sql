-- Calls of clients that may only draft: stored, not executed, until a member publishes, edits or discards them.
create table drafts (
  tenant_id uuid not null,
  id text collate "C" not null,
  status text not null default 'open' check (status in ('open', 'published', 'discarded')),
  version integer not null default 1,
  client_id text collate "C" not null,
  tool_id text collate "C" not null,
  tool_name text not null,
  effect text not null,
  -- What would go out, as JSON text.
  arguments text not null,
  -- What lists say of it, as of an approval.
  summary text not null,
  subject text,
  suspicious boolean not null,
  -- What the agent wrote for people, the run and the person that it named, and what labels it had read by then: rules see
  -- those when it is published.
  justification text,
  run_id text,
  on_behalf_of text,
  run_labels text[] not null,
  token_id text collate "C",
  via text not null,
  request_id text collate "C",
  created_at timestamptz not null default now(),
  edited_by text collate "C",
  edited_at timestamptz,
  ended_by text collate "C",
  ended_at timestamptz,
  end_reason text,
  -- The call that publishing made.
  execution_id text collate "C",
  primary key (tenant_id, id),
  foreign key (tenant_id, client_id) references integration_clients (tenant_id, id),
  foreign key (tenant_id, tool_id) references tools (tenant_id, id)
);
create index drafts_status on drafts (tenant_id, status, id);
create index drafts_client on drafts (tenant_id, client_id, id);
create index drafts_execution on drafts (tenant_id, execution_id) where execution_id is not null;
-- Which are removed next.
create index drafts_created on drafts (created_at);
