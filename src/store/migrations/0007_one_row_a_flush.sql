-- One flush of the gateway is one row of the queue, whatever it holds: calls that begin, outcomes, denials, with what went
-- out and what came back. Whoever waits for it waits for one small insert. The sequencer takes the flush apart, into the
-- chain and into agent_execution_logs, for thousands of calls at once.

-- No sequencer is under way, which takes these in another order than everybody else.
select pg_advisory_xact_lock(7302011990);
lock table workspaces, agent_execution_logs, execution_payloads, approvals, audit_pending, audit_log in access exclusive mode;

drop function gateway_record;
drop function audit_sequence;
drop function settle_call;
drop type gateway_entry;
drop type gateway_payload;

-- What many events have in common, and on which facts a call was decided. src/store/flush-rows.ts has the same columns in
-- the same order, also of the next.
create type gateway_common as (
  tenant uuid, records text, event_type text, outcome text, actor_kind text, actor_id text, version bigint,
  not_after timestamptz, timeout_ms integer, token_id text, tool_id text, tool_name text, effect text, policy text);
-- What happened to one call, with its audit entry. `common` counts from 1; `body` is what went out or came back.
create type gateway_event as (
  common integer, at timestamptz, resource_id text, entry text, payload_sha256 text, approval_id text, step text,
  code text, detail text, body text);

create table gateway_queue (
  -- Shared with audit_pending, so that what happened later has the higher one wherever it is.
  id bigint primary key default nextval('audit_pending_id_seq'),
  -- The database's own time, for what the deadlines of calls count from.
  recorded_at timestamptz not null,
  -- How many events there are, and how many bytes.
  size integer not null,
  bytes integer not null,
  common gateway_common[] not null,
  events gateway_event[] not null
);
-- Compressing costs more than writing, and it is deleted within a second.
alter table gateway_queue alter common set storage external, alter events set storage external;
alter table gateway_queue set (toast_tuple_target = 8160);

-- What a call sent and what came back stand with it: the sequencer writes all of it at once.
alter table agent_execution_logs add column arguments text, add column result text, add column error text;
alter table agent_execution_logs set (toast_tuple_target = 8160);
-- PostgreSQL's own compression of a large payload takes longer than all the rest of its call.
do $$
begin
  alter table agent_execution_logs alter column arguments set compression lz4, alter column result set compression lz4,
    alter column error set compression lz4;
exception when feature_not_supported then
  alter table agent_execution_logs alter column arguments set storage external, alter column result set storage external,
    alter column error set storage external;
end $$;
-- Their owner is held to row level security, too, and would move the rows of no workspace.
alter table agent_execution_logs no force row level security;
alter table execution_payloads no force row level security;
alter table audit_pending no force row level security;

-- What an earlier version has queued is a flush each. A payload whose call is neither queued nor in the list goes with its
-- table: nobody could have read it.
insert into gateway_queue (id, recorded_at, size, bytes, common, events)
select p.id, p.recorded_at, 1, coalesce(octet_length(b.body), 0),
  array[row(p.tenant_id, p.records, p.event_type, p.outcome, p.actor_kind, p.actor_id, null, null,
    extract(epoch from p.deadline_at - p.recorded_at) * 1000, p.token_id, p.tool_id, p.tool_name, p.effect,
    p.policy)::gateway_common],
  array[row(1, p.at, p.resource_id, p.entry, p.payload_sha256, p.approval_id, p.step, p.code, p.detail,
    b.body)::gateway_event]
from audit_pending p left join execution_payloads b on b.tenant_id = p.tenant_id and b.execution_id = p.resource_id
  and b.part = case when p.records = 'call' then 'arguments' when p.outcome = 'executed' then 'result' else 'error' end
where p.records is not null;
delete from audit_pending where records is not null;

update agent_execution_logs e set arguments = p.arguments, result = p.result, error = p.error
from (
  select tenant_id, execution_id, max(body) filter (where part = 'arguments') as arguments,
    max(body) filter (where part = 'result') as result, max(body) filter (where part = 'error') as error
  from execution_payloads group by tenant_id, execution_id
) p
where p.tenant_id = e.tenant_id and p.execution_id = e.id;
do $$
begin
  if (select count(arguments) + count(result) + count(error) from agent_execution_logs) <>
    (select count(*) from execution_payloads p
      where exists (select from agent_execution_logs e where e.tenant_id = p.tenant_id and e.id = p.execution_id))
  then
    raise exception 'not every payload was moved';
  end if;
end $$;
alter table agent_execution_logs force row level security;
alter table audit_pending force row level security;
drop table execution_payloads;
alter table audit_pending
  drop column records, drop column recorded_at, drop column deadline_at, drop column token_id, drop column tool_id,
  drop column tool_name, drop column effect, drop column policy, drop column payload_sha256, drop column approval_id,
  drop column step, drop column code, drop column detail;

-- Queues what happened to the calls of many concurrent callers, of many workspaces, as one row. Answers how many events
-- were written, and for each that was not, its place (from 0) and why:
--   stale      the facts moved since the decision, or the token has expired: decide again
--   busy       the workspace's configuration is being changed at this moment: try again
-- It runs as the system role, which may append to the queue and read the versions of all workspaces, so that entering
-- each workspace does not cost more than its rows. Its events say which workspace they are of.
create function gateway_record(
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
    select coalesce(array_agg(place - 1) filter (where is_refused), '{}'),
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

alter table gateway_queue enable row level security;
alter table gateway_queue force row level security;
create policy sequencer on gateway_queue to countersign_system using (true) with check (true);
grant select, insert, delete on gateway_queue to countersign_system;
grant usage on sequence audit_pending_id_seq to countersign_system;
grant update (result, error) on agent_execution_logs to countersign_system;
-- It writes no entries any more.
revoke insert on audit_pending from countersign_system;
alter policy sequencer on audit_pending with check (false);
-- What was sent and what came back is nobody's to change who serves requests, nor whose call it was.
revoke update on agent_execution_logs from countersign_app;
grant update (status, step, code, detail, started_at, deadline_at, finished_at) on agent_execution_logs to countersign_app;

revoke execute on function gateway_record from public;
grant execute on function gateway_record to countersign_app;
-- A function may only be given to a role that may create one.
grant create on schema public to countersign_system;
alter function gateway_record owner to countersign_system;
revoke create on schema public from countersign_system;

-- Commits at once, under the workspace's row level security, what cannot wait for the sequencer: calls whose
-- Idempotency-Key must be the only one, calls that people are asked to decide, and the consumption of what they decided.
-- A flush calls it for one workspace after the other (src/store/flush-query.ts). Every row comes with its audit entries,
-- which have its ord; one is not written without the other.
--
-- Answers how many rows were written, which is counted where they are, and for each that was not, its ord and why:
--   stale      the facts moved since the decision, or the token has expired: decide again
--   duplicate  the idempotency key is taken by an earlier call
--   busy       the workspace's configuration is being changed, or the approval is held, at this moment: try again
--   lost       the approval was not in the state this write needs (used, expired, …)
--
-- What exists already is found by its key, one row at a time: a join would be planned while the tables are empty, as a
-- scan of all the calls of a workspace, and the plan kept.
create or replace function gateway_flush(
  p_tenant uuid, p_calls gateway_call[], p_holds gateway_hold[], p_resumes gateway_resume[], p_audits gateway_audit[],
  out written integer, out refused integer[], out why text[]
) language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_call gateway_call;
  v_resume gateway_resume;
  present_version bigint;
  rows_written integer;
  reason text;
begin
  written := 0;
  refused := '{}';
  why := '{}';
  perform set_config('app.tenant_id', p_tenant::text, true);

  if pg_try_advisory_xact_lock_shared(facts_lock(p_tenant)) then
    -- Versions count from 1, so that a workspace which is not there makes every decision stale.
    present_version := coalesce((select facts_version from workspaces where tenant_id = p_tenant), -1);
  else
    -- Its configuration is being changed. This workspace waits; the others do not wait with it.
    present_version := null;
  end if;

  if cardinality(p_calls) > 0 then
    insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id,
      tool_name, effect, policy, arguments, payload_sha256, approval_id, idempotency_key, request_sha256, started_at,
      deadline_at)
    select p_tenant, id, status, principal_kind, principal_id, token_id, tool_id, tool_name, effect, policy,
      arguments, payload_sha256, approval_id, idempotency_key, request_sha256,
      case when status = 'running' then clock_timestamp() end,
      case when status = 'running' then clock_timestamp() + make_interval(secs => timeout_ms / 1000.0) end
    from unnest(p_calls)
    where version = present_version and (not_after is null or not_after > clock_timestamp())
    on conflict (tenant_id, principal_id, idempotency_key) where idempotency_key is not null do nothing;
    get diagnostics rows_written = row_count;
    written := written + rows_written;
    if rows_written < cardinality(p_calls) then
      foreach v_call in array p_calls loop
        if not exists (select from agent_execution_logs where tenant_id = p_tenant and id = v_call.id) then
          refused := refused || v_call.ord;
          why := why || case
            when present_version is null then 'busy'
            when v_call.version is distinct from present_version or v_call.not_after <= clock_timestamp() then 'stale'
            else 'duplicate' end;
        end if;
      end loop;
    end if;
  end if;

  if cardinality(p_holds) > 0 then
    insert into approvals (tenant_id, id, execution_id, policy, policy_rule, envelope, payload_sha256,
      definition_sha256, tool_id, tool_name, effect, principal_kind, principal_id, requester_user_ids,
      approver_user_ids, execute_on_approval, expires_at)
    select p_tenant, c.approval_id, c.id, c.policy, h.policy_rule, h.envelope, c.payload_sha256,
      h.definition_sha256, c.tool_id, c.tool_name, c.effect, c.principal_kind, c.principal_id,
      h.requester_user_ids, h.approver_user_ids, h.execute_on_approval, h.expires_at
    from unnest(p_holds) h join unnest(p_calls) c on c.ord = h.ord
    where h.ord <> all (refused);
  end if;

  foreach v_resume in array p_resumes loop
    reason := null;
    if present_version is null then
      reason := 'busy';
    elsif v_resume.version is distinct from present_version or v_resume.not_after <= clock_timestamp() then
      reason := 'stale';
    else
      -- An approval that somebody else holds is asked for again later: nobody waits for it here.
      perform from approvals where tenant_id = p_tenant and id = v_resume.approval_id for no key update skip locked;
      if not found then
        perform from approvals where tenant_id = p_tenant and id = v_resume.approval_id;
        reason := case when found then 'busy' else 'lost' end;
      else
        -- Exactly one consumption: the status decides, within this flush and across flushes and nodes.
        update approvals set status = 'consumed', consumed_at = clock_timestamp()
        where tenant_id = p_tenant and id = v_resume.approval_id and status = 'approved'
          and expires_at > clock_timestamp() and payload_sha256 = v_resume.payload_sha256;
        if not found then
          reason := 'lost';
        else
          update agent_execution_logs set status = 'running', started_at = clock_timestamp(),
            deadline_at = clock_timestamp() + make_interval(secs => v_resume.timeout_ms / 1000.0)
          where tenant_id = p_tenant and id = v_resume.execution_id;
        end if;
      end if;
    end if;
    if reason is null then
      written := written + 1;
    else
      refused := refused || v_resume.ord;
      why := why || reason;
    end if;
  end loop;

  insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
  select p_tenant, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry
  from unnest(p_audits) where ord <> all (refused);
end $$;

-- Records the outcome of a call that is in the list already. A late answer may still settle a call that a crash or a
-- deadline left unknown. Says whether it counts: one of a call that is settled does not, as the second that a node sent
-- because it did not hear of the first; one of a call that is nowhere, as a failover may lose it, does.
create function settle_call(p_tenant uuid, p_id text, p_status text, p_step text, p_code text, p_detail text,
  p_body text, p_at timestamptz
) returns boolean language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  update agent_execution_logs set status = p_status, step = p_step, code = p_code, detail = p_detail,
    result = case when p_status = 'executed' then p_body end, error = case when p_status = 'failed' then p_body end,
    finished_at = p_at
  where tenant_id = p_tenant and id = p_id and (status = 'running' or (status = 'unknown' and p_status <> 'unknown'));
  return found or not exists (select from agent_execution_logs where tenant_id = p_tenant and id = p_id);
end $$;

-- A link tells the hash before it, too, so that nobody has to look for it.
alter type audit_end add attribute prev_hash bytea;
create or replace function audit_link(link audit_end, head audit_end, entry text) returns audit_end
language plpgsql immutable parallel safe as $$
begin
  if link is null then
    link := head;
  end if;
  link.seq := link.seq + 1;
  link.prev_hash := link.hash;
  link.hash := sha256(link.hash || int8send(link.seq) || convert_to(entry, 'UTF8'));
  return link;
end $$;

-- Moves about p_limit of the oldest entries into the chain of their workspaces, and what they record of tool calls into
-- agent_execution_logs; a flush is moved whole. Of large ones it moves fewer, so that no round takes longer than a
-- statement may. Says how many entries there were, whose, and whether there are more.
-- Only one caller works at a time, on any node; the others wait for it with p_wait, or get null and try again later. The
-- lock ends with the transaction, so a node that dies hands over at once. A fork would need two rows with one
-- (tenant_id, seq). An outcome that does not count is dropped with its entry.
-- Entries before p_from are not looked for: while somebody keeps an old snapshot, as a dump does, what was deleted stays
-- in the index and would be walked through again every time.
-- How many entries there are is not known when the plan is made, so rows of one round are never looked for one by one.
create function audit_sequence(
  p_limit integer, p_wait boolean, p_from bigint, out moved integer, out tenant_ids uuid[], out last_id bigint,
  out more boolean)
language plpgsql set enable_seqscan = off set enable_nestloop = off set work_mem = '64MB' as $$
#variable_conflict use_column
declare
  bytes_max constant integer := 16 * 1024 * 1024;
begin
  if p_wait then
    perform pg_advisory_xact_lock(7302011990);
  elsif not pg_try_advisory_xact_lock(7302011990) then
    return;
  end if;
  select max(id) filter (where fits), not bool_and(fits) or count(*) >= p_limit into last_id, more
  from (
    select id, sum(size) over w - size < p_limit and sum(bytes) over w - bytes < bytes_max as fits
    from (
      (select id, 1 as size, 0 as bytes from audit_pending where id >= p_from order by id limit p_limit)
      union all
      (select id, size, bytes from gateway_queue where id >= p_from order by id limit p_limit)
    ) oldest
    window w as (order by id)
  ) counted;
  if last_id is null then
    moved := 0;
    return;
  end if;
  with changes as (
    delete from audit_pending where id between p_from and last_id returning *
  ), flushes as materialized (
    delete from gateway_queue where id between p_from and last_id returning *
  ), commons as (
    select f.id as flush, c.* from flushes f, unnest(f.common) with ordinality c (tenant_id, records, event_type, outcome,
      actor_kind, actor_id, version, not_after, timeout_ms, token_id, tool_id, tool_name, effect, policy, place)
  ), events as materialized (
    select e.*, c.tenant_id, c.records, c.event_type, c.outcome, c.actor_kind, c.actor_id, c.timeout_ms, c.token_id,
      c.tool_id, c.tool_name, c.effect, c.policy
    from (
      select f.id as flush, f.recorded_at, e.*
      from flushes f, unnest(f.events) with ordinality e (common, at, resource_id, entry, payload_sha256, approval_id,
        step, code, detail, body, ord)
      -- First taken apart, then joined: the other way round each flush would be taken apart for each of its commons.
      offset 0
    ) e join commons c on c.flush = e.flush and c.place = e.common
  ), calls as (
    select tenant_id, resource_id from events where records = 'call'
  ), outcomes as materialized (
    -- Of one round the first answer counts.
    select distinct on (o.tenant_id, o.resource_id) o.*, c.resource_id is not null as has_call
    from events o left join calls c on c.tenant_id = o.tenant_id and c.resource_id = o.resource_id
    where o.records = 'outcome'
    order by o.tenant_id, o.resource_id, o.outcome = 'unknown', o.flush, o.ord
  ), written as (
    insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id, tool_name,
      effect, policy, payload_sha256, approval_id, step, code, detail, created_at, started_at, deadline_at, finished_at,
      arguments, result, error)
    select c.tenant_id, c.resource_id, coalesce(o.outcome, c.outcome), c.actor_kind, c.actor_id, c.token_id, c.tool_id,
      c.tool_name, c.effect, c.policy, c.payload_sha256, c.approval_id,
      coalesce(o.step, c.step), coalesce(o.code, c.code), coalesce(o.detail, c.detail), c.recorded_at,
      case when c.outcome = 'running' then c.recorded_at end,
      c.recorded_at + c.timeout_ms * interval '1 millisecond',
      case when c.outcome = 'running' then o.recorded_at else c.recorded_at end,
      c.body, case when o.outcome = 'executed' then o.body end, case when o.outcome = 'failed' then o.body end
    from events c left join outcomes o on o.tenant_id = c.tenant_id and o.resource_id = c.resource_id
    where c.records = 'call'
    -- An id that was there already would stop the ledger for ever.
    on conflict (tenant_id, id) do nothing
  ), entries as (
    select id, 0 as ord, tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry
    from changes
    union all
    select flush, ord, tenant_id, at, event_type, actor_kind, actor_id, 'execution', resource_id, outcome, entry
    from events where records = 'call'
    union all
    select flush, ord, tenant_id, at, event_type, actor_kind, actor_id, 'execution', resource_id, outcome, entry
    from outcomes
    where has_call or settle_call(tenant_id, resource_id, outcome, step, code, detail, body, recorded_at)
  ), heads as (
    select t.tenant_id, row(coalesce(l.seq, 0), coalesce(l.hash, audit_genesis(t.tenant_id)), null)::audit_end as head
    from (select tenant_id from changes union select tenant_id from commons) t
    left join lateral (select seq, hash from audit_log a where a.tenant_id = t.tenant_id order by seq desc limit 1) l on true
  ), chained as (
    select e.*, audit_chain(h.head, e.entry) over w as link
    from entries e join heads h on h.tenant_id = e.tenant_id
    window w as (partition by e.tenant_id order by e.id, e.ord rows unbounded preceding)
  ), inserted as (
    insert into audit_log (tenant_id, seq, prev_hash, hash, at, event_type, actor_kind, actor_id, resource_kind,
      resource_id, outcome, entry)
    select tenant_id, (link).seq, (link).prev_hash, (link).hash, at, event_type, actor_kind, actor_id, resource_kind,
      resource_id, outcome, entry
    from chained
  )
  select (select count(*) from changes) + (select coalesce(sum(size), 0) from flushes),
    array(select tenant_id from heads)
  into moved, tenant_ids;
end $$;

revoke execute on function settle_call from public;
grant execute on function settle_call to countersign_system;
revoke execute on function audit_sequence from public;
grant execute on function audit_sequence to countersign_system;
