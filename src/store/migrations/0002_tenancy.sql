-- Row level security for one tenant table. Later migrations call this for every table they add; a test
-- reads the catalogue and fails for a table with tenant_id that was not given to it.
create procedure tenant_table(name regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format(
    'create policy tenant on %s using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)
       with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
end $$;

call tenant_table('workspaces');
call tenant_table('workspace_members');
call tenant_table('integration_clients');
call tenant_table('client_tokens');
call tenant_table('connectors');
call tenant_table('tools');
call tenant_table('grants');
call tenant_table('kill_switches');
call tenant_table('agent_execution_logs');
call tenant_table('approvals');
call tenant_table('approval_decisions');
call tenant_table('audit_pending');
call tenant_table('audit_log');

-- Before a workspace is known, a credential may find its own row and nothing else.
create policy own_token on client_tokens for select
  using (token_sha256 = nullif(current_setting('app.token_sha256', true), ''));
create policy own_membership on workspace_members for select
  using (user_id = nullif(current_setting('app.user_id', true), ''));
create policy own_workspace on workspaces for select
  using (exists (select from workspace_members m
    where m.tenant_id = workspaces.tenant_id and m.user_id = nullif(current_setting('app.user_id', true), '')));

-- The system role sees across workspaces, but only the ledger's queue and which rows are due.
create policy sequencer on audit_pending to countersign_system using (true) with check (false);
create policy sequencer on audit_log to countersign_system using (true) with check (true);
create policy due on approvals for select to countersign_system using (true);
create policy due on agent_execution_logs for select to countersign_system using (true);

grant usage on schema public to countersign_app, countersign_system;
grant select, insert, update, delete on
  auth_users, auth_sessions, auth_accounts, auth_verifications to countersign_app;
grant select, insert, update on
  workspaces, integration_clients, client_tokens, connectors, tools, kill_switches,
  agent_execution_logs, approvals to countersign_app;
grant select, insert, update, delete on workspace_members, grants to countersign_app;
grant select, insert on approval_decisions to countersign_app;
grant insert on audit_pending to countersign_app;
grant select on audit_log to countersign_app;

grant select, delete on audit_pending to countersign_system;
grant select, insert on audit_log to countersign_system;
grant select (tenant_id, id, status, expires_at, execute_on_approval, attempted_at) on approvals to countersign_system;
grant select (tenant_id, id, status, deadline_at) on agent_execution_logs to countersign_system;

-- Every change that can turn an allowed call into a refused one moves the workspace's facts_version, under a lock
-- that recording an intent shares, so no intent slips past the change. The lock is an advisory one because those
-- are fair: once a change waits for it, no new intent gets in front, whatever the load.
create function facts_lock(tenant uuid) returns bigint language sql immutable parallel safe
  return hashtextextended(tenant::text, 7302011992);

create function bump_facts() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(facts_lock(case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end));
  update workspaces set facts_version = facts_version + 1
    where tenant_id = case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end;
  return null;
end $$;
create trigger bump after insert or update or delete on kill_switches for each row execute function bump_facts();
create trigger bump after insert or update or delete on grants for each row execute function bump_facts();
create trigger bump after insert or update or delete on connectors for each row execute function bump_facts();
create trigger bump after insert or update or delete on tools for each row execute function bump_facts();
create trigger bump after insert or update or delete on integration_clients for each row execute function bump_facts();
create trigger bump after update of revoked_at, expires_at on client_tokens for each row execute function bump_facts();
create trigger bump after update of role or delete on workspace_members for each row execute function bump_facts();
create function bump_own_facts() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(facts_lock(new.tenant_id));
  new.facts_version := old.facts_version + 1;
  return new;
end $$;
create trigger bump before update of approval_ttl_seconds on workspaces for each row execute function bump_own_facts();
