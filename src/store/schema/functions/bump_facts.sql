-- A change of what decisions rest on (facts_lock.sql).
create or replace function bump_facts() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(facts_lock(case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end));
  update workspaces set facts_version = facts_version + 1
    where tenant_id = case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end;
  return null;
end $$;
create or replace trigger bump after insert or update or delete on kill_switches for each row execute function bump_facts();
create or replace trigger bump after insert or update or delete on grants for each row execute function bump_facts();
create or replace trigger bump after insert or update or delete on connectors for each row execute function bump_facts();
create or replace trigger bump after insert or update or delete on tools for each row execute function bump_facts();
create or replace trigger bump after insert or update or delete on integration_clients for each row execute function bump_facts();
create or replace trigger bump after insert or update of version, hosts or delete on secrets for each row execute function bump_facts();
create or replace trigger bump after insert or update of authorized_at, ended or delete on connector_authorizations for each row execute function bump_facts();
create or replace trigger bump after update of revoked_at, expires_at on client_tokens for each row execute function bump_facts();
create or replace trigger bump after update of role or delete on workspace_members for each row execute function bump_facts();
