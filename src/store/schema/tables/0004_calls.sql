-- Tool calls, and the approvals that hold some of them.
--
-- This table, the queue and the log have no foreign keys and no checks: a key is looked up anew for every row, and a
-- check prepared anew for every statement. gateway_enter, gateway_append and audit_sequence alone write them, and no role
-- that serves requests may delete a workspace.
create table agent_execution_logs (
  tenant_id uuid not null,
  id text collate "C" not null,
  -- pending_approval, running, executed, failed, unknown, denied, cancelled
  status text not null,
  -- member, client, agent, visitor, system
  principal_kind text not null,
  principal_id text collate "C" not null,
  token_id text collate "C",
  tool_id text collate "C",
  tool_name text not null,
  effect text,
  policy text,
  -- What went out, and below what came back, as JSON text.
  arguments text,
  payload_sha256 text collate "C",
  step text,
  code text,
  detail text,
  result text,
  error text,
  approval_id text collate "C",
  -- Which door the call came in by (src/gateway/call.ts), and with which request.
  via text not null,
  request_id text collate "C",
  created_at timestamptz not null default now(),
  started_at timestamptz,
  deadline_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
-- Compressing 2 kB costs more than writing them, and PostgreSQL's own compression of a large payload takes longer than all
-- the rest of its call.
alter table agent_execution_logs set (toast_tuple_target = 8160);
do $$
begin
  alter table agent_execution_logs alter column arguments set compression lz4, alter column result set compression lz4,
    alter column error set compression lz4;
exception when feature_not_supported then
  alter table agent_execution_logs alter column arguments set storage external, alter column result set storage external,
    alter column error set storage external;
end $$;
-- Who asked for what, newest last: what a client or member sees of their own, and what is counted of a client.
create index agent_execution_logs_principal on agent_execution_logs (tenant_id, principal_id, id);
-- The calls of one tool.
create index agent_execution_logs_tool on agent_execution_logs (tenant_id, tool_name, id);
-- What went wrong is looked for by its code; most calls have none.
create index agent_execution_logs_code on agent_execution_logs (tenant_id, code, id) where code is not null;
create index agent_execution_logs_running on agent_execution_logs (deadline_at) where status = 'running';

-- What callers named their requests, and the call that the first of each made. A call may have two: the request that was
-- held, and the one that used its approval.
create table idempotency_keys (
  tenant_id uuid not null,
  principal_id text collate "C" not null,
  key text collate "C" not null,
  execution_id text collate "C" not null,
  request_sha256 text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, principal_id, key)
);

create table approvals (
  tenant_id uuid not null,
  id text collate "C" not null,
  execution_id text collate "C" not null,
  status text not null default 'pending' check (status in
    ('pending', 'approved', 'denied', 'expired', 'cancelled', 'superseded', 'consumed')),
  policy text not null check (policy in ('approve', 'approve-dual')),
  policy_rule text,
  -- Why that rule could not be evaluated, which raised the call to the strictest policy.
  policy_fault text,
  -- Why the call is made, in the words of whoever made it.
  justification text,
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
  -- What lists say of the payload, worked out when it is held: one line, who and how much as JSON text, and whether it
  -- has characters that hide or pass for others.
  summary text not null default '',
  subject text,
  suspicious boolean not null default false,
  execute_on_approval boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  -- When the gateway last set out to execute it after the decision.
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
