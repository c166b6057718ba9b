-- The same for what a workspace's own row says.
create or replace function bump_own_facts() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(facts_lock(new.tenant_id));
  new.facts_version := old.facts_version + 1;
  return new;
end $$;
create or replace trigger bump before update of approval_ttl_seconds on workspaces for each row execute function bump_own_facts();
