-- Appends what happened to the calls of many concurrent callers, of many workspaces, to the queue as one row. Each write has
-- one event here. Answers how many were written, and for each that was not, which and why:
--   stale      the facts moved since the decision, or the token has expired: decide again
--   busy       the workspace's configuration is being changed at this moment: try again
-- It runs as the system role, which may append to the queue and read the versions of all workspaces, so that entering
-- each workspace does not cost more than its rows. Its events say which workspace they are of.
do $$
begin
  -- Its owner is another role (grants.sql), and only an owner may replace a function.
  if exists (select from pg_proc where proname = 'gateway_append' and proowner = 'countersign_system'::regrole) then
    set local role countersign_system;
    drop function gateway_append;
    set local role none;
  end if;
end $$;
create or replace function gateway_append(
  p_common gateway_common[], p_events gateway_event[], out written integer, out refused integer[], out why text[]
) language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  present timestamptz := clock_timestamp();
  v_common gateway_common;
  place integer := 0;
  stale integer[] := '{}';
  busy integer[] := '{}';
begin
  refused := '{}';
  why := '{}';
  foreach v_common in array p_common loop
    place := place + 1;
    if v_common.tenant is null or v_common.records is null or v_common.records not in ('call', 'outcome') then
      raise not_null_violation using message = 'an event is of a workspace, and records a call or an outcome';
    elsif v_common.records = 'outcome' then
      continue;
    elsif not pg_try_advisory_xact_lock_shared(facts_lock(v_common.tenant)) then
      busy := busy || place;
    -- From here on the workspace does not change until the end of this transaction.
    elsif (v_common.version = (select facts_version from workspaces where tenant_id = v_common.tenant)) is not true
      or v_common.not_after <= present
    then
      stale := stale || place;
    end if;
  end loop;
  if cardinality(stale) + cardinality(busy) > 0 then
    select coalesce(array_agg((p_events[place]).write) filter (where is_refused), '{}'),
      coalesce(array_agg(case when is_busy then 'busy' else 'stale' end) filter (where is_refused), '{}'),
      array_agg(p_events[place]) filter (where not is_refused)
    into refused, why, p_events
    from (
      select i as place, (p_events[i]).common = any (stale || busy) as is_refused,
        (p_events[i]).common = any (busy) as is_busy
      from generate_subscripts(p_events, 1) i
    ) judged;
  end if;
  written := coalesce(cardinality(p_events), 0);
  if written > 0 then
    insert into gateway_queue (recorded_at, size, bytes, common, events)
    values (present, written, pg_column_size(p_events), p_common, p_events);
  end if;
end $$;
