-- Which run a call belongs to, whom it is made for, and the labels that what a run has read puts on it.
alter table agent_execution_logs add column run_id text collate "C", add column on_behalf_of text;
-- The calls of one run, and those of them that one caller made; most calls name none.
create index agent_execution_logs_run on agent_execution_logs (tenant_id, run_id, id) where run_id is not null;
create index agent_execution_logs_own_run on agent_execution_logs (tenant_id, principal_id, run_id, id)
  where run_id is not null;

-- The labels that were on the run when the call was held; null where no rule looked at them.
alter table approvals add column run_labels text[];

-- What a tool's results put on the run that reads them. No part of its definition: approvals are not pinned to it.
alter table tools add column labels text[] not null default '{}';

-- Whether the ids of its runs come from its application, and not from its model: then each run keeps its own labels.
alter table integration_clients add column trusted_run_ids boolean not null default false;

-- A row for each run that has labels, and none for any other. They end (run_labels_of.sql), and are deleted then.
create table run_labels (
  tenant_id uuid not null,
  principal_id text collate "C" not null,
  -- `run:<run_id>` is a run with a name, `open:<id>` what a token (or a member) does whichever run it names.
  run text collate "C" not null,
  labels text[] not null,
  -- When one was put on last.
  labelled_at timestamptz not null,
  primary key (tenant_id, principal_id, run)
);
create index run_labels_old on run_labels (labelled_at);
