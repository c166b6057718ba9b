-- Who may do what. It is run again whenever anything of the schema has changed, and takes everything back first, so that
-- this page is all there is. test/tenancy.db.test.ts reads it back from the catalogue.
do $$
declare
  ours text;
  old record;
begin
  for ours in
    select c.oid::regclass from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S') and pg_has_role(c.relowner, 'member')
  loop
    execute format('revoke all on %s from countersign_app, countersign_system', ours);
  end loop;
  for old in
    select polname as name, polrelid::regclass as on_table from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = 'public'::regnamespace and pg_has_role(c.relowner, 'member')
  loop
    execute format('drop policy %I on %s', old.name, old.on_table);
  end loop;
  -- Every table with a tenant_id shows a workspace its own rows and nothing else, its owner too.
  for ours in
    select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
      and pg_has_role(c.relowner, 'member')
  loop
    execute format('alter table %s enable row level security', ours);
    execute format('alter table %s force row level security', ours);
    execute format(
      'create policy tenant on %s using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)
         with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', ours);
  end loop;
end $$;
alter table gateway_queue enable row level security;
alter table gateway_queue force row level security;
revoke execute on function facts_lock, bump_facts, bump_own_facts, gateway_append, gateway_enter, settle_call,
  audit_genesis, audit_link, audit_chain, audit_sequence, made_id, webhook_enqueue, run_labels_of, run_labels_end
  from public, countersign_app, countersign_system;

-- Before a workspace is known, a credential may find its own row and nothing else.
create policy own_token on client_tokens for select
  using (token_sha256 = any (string_to_array(current_setting('app.token_sha256', true), ',')));
create policy own_invitation on invitations for select
  using (token_sha256 = nullif(current_setting('app.invitation_sha256', true), ''));
create policy own_membership on workspace_members for select
  using (user_id = nullif(current_setting('app.user_id', true), ''));
create policy own_workspace on workspaces for select
  using (exists (select from workspace_members m
    where m.tenant_id = workspaces.tenant_id and m.user_id = nullif(current_setting('app.user_id', true), '')));

-- The system role sees across workspaces, but only the ledger's queues, the calls it writes down and which rows are due.
create policy sequencer on audit_pending to countersign_system using (true) with check (false);
create policy sequencer on gateway_queue to countersign_system using (true) with check (true);
create policy sequencer on agent_execution_logs to countersign_system using (true) with check (true);
create policy sequencer on audit_log to countersign_system using (true) with check (true);
create policy due on approvals for select to countersign_system using (true);
create policy told on webhook_endpoints for select to countersign_system using (true);
create policy told on webhook_deliveries to countersign_system using (true) with check (true);
create policy due on notices to countersign_system using (true) with check (true);
create policy told on webhook_backlog to countersign_system using (true) with check (true);
create policy told on webhook_queues to countersign_system using (true) with check (true);
create policy due on kill_switches for select to countersign_system using (true);
create policy due on drafts for select to countersign_system using (true);
create policy versions on workspaces for select to countersign_system using (true);
create policy old on run_labels to countersign_system using (true) with check (false);

grant usage on schema public to countersign_app, countersign_system;

-- The role that serves requests.
grant select on schema_files to countersign_app;
grant select, insert, update, delete on
  auth_users, auth_sessions, auth_accounts, auth_verifications, workspace_members, grants, secrets,
  secret_versions, connector_authorizations, authorization_requests, mcp_definitions to countersign_app;
grant select, insert, update on
  workspaces, invitations, integration_clients, client_tokens, connectors, tools, kill_switches,
  approvals, drafts to countersign_app;
-- What was sent and what came back is nobody's to change, nor whose call it was.
grant select, insert, update (status, step, code, detail, started_at, deadline_at, finished_at)
  on agent_execution_logs to countersign_app;
grant delete on drafts to countersign_app;
grant select, insert, delete on approval_decisions to countersign_app;
-- A key is taken back when the approval it came with cannot be used.
grant select, insert, delete on idempotency_keys to countersign_app;
grant select, insert, update, delete on run_labels to countersign_app;
grant select, insert, update, delete on webhook_endpoints, webhook_queues, notify_secrets to countersign_app;
grant select, insert, update on webhook_deliveries, notices, vapid_keys to countersign_app;
grant select, insert on approval_opens to countersign_app;
grant select, insert, update, delete on notice_choices, push_subscriptions to countersign_app;
grant insert on audit_pending to countersign_app;
grant select on audit_log to countersign_app;
grant select, insert, update (key_fingerprint) on installation to countersign_app;
grant execute on function facts_lock, gateway_append, gateway_enter, run_labels_of, run_labels_end to countersign_app;

-- The role that moves the queues.
grant select, delete on audit_pending to countersign_system;
grant select, insert, delete on gateway_queue to countersign_system;
grant usage on sequence audit_pending_id_seq to countersign_system;
grant select, insert on audit_log to countersign_system;
grant select (tenant_id, facts_version) on workspaces to countersign_system;
grant select (tenant_id, id, status, expires_at, execute_on_approval, attempted_at, next_notice_at) on approvals to countersign_system;
grant select (tenant_id, id, status, deadline_at, tool_name, payload_sha256), insert,
  update (status, step, code, detail, finished_at, result, error) on agent_execution_logs to countersign_system;
grant select (tenant_id, id, status, next_attempt_at, created_at), update (next_attempt_at), delete on notices
  to countersign_system;
grant select (tenant_id, id, glass_until) on kill_switches to countersign_system;
grant select (tenant_id, id, created_at, execution_id) on drafts to countersign_system;
grant select (tenant_id, principal_id, run, labelled_at), delete on run_labels to countersign_system;
grant select (tenant_id, id, events, status, enabled_at) on webhook_endpoints to countersign_system;
grant select (tenant_id, id, endpoint_id, status, finished_at), insert, delete on webhook_deliveries to countersign_system;
grant select, insert, update on webhook_queues to countersign_system;
grant select, insert, update, delete on webhook_backlog to countersign_system;
grant execute on function facts_lock, settle_call, audit_genesis, audit_link, audit_chain, audit_sequence, made_id,
  webhook_enqueue, run_labels_end to countersign_system;

-- It appends for all workspaces of a flush and compares their versions: the one function that does not run as its caller.
-- A function may only be given to a role that may create one.
grant create on schema public to countersign_system;
alter function gateway_append owner to countersign_system;
revoke create on schema public from countersign_system;
