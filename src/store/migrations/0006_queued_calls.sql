-- A governed call is queued together with its audit entry. The sequencer, which takes every entry from there into the
-- chain, takes the call into agent_execution_logs in the same statement. So the statement that callers wait for only
-- appends, and what can be done for a thousand calls at once is.

-- In the order in which a running node takes them.
lock table workspaces, agent_execution_logs, approvals, audit_pending, audit_log in access exclusive mode;

-- What went out and what came back is most of what a call writes. It is written once and stays where it is.
create table execution_payloads (
  tenant_id uuid not null,
  execution_id text collate "C" not null,
  part text not null,
  body text not null,
  primary key (tenant_id, execution_id, part)
);
-- Compressing 2 kB costs more than writing them. What does not fit into a page is still compressed.
alter table execution_payloads set (toast_tuple_target = 8160);
-- Its owner is held to row level security, too, and would move the rows of no workspace.
alter table agent_execution_logs no force row level security;
insert into execution_payloads
  select tenant_id, id, part, body from agent_execution_logs,
    lateral (values ('arguments', arguments), ('result', result), ('error', error)) as parts (part, body)
  where body is not null;
do $$
begin
  if (select count(*) from execution_payloads) <>
    (select count(arguments) + count(result) + count(error) from agent_execution_logs)
  then
    raise exception 'not every payload was moved';
  end if;
end $$;
alter table agent_execution_logs force row level security;
alter table agent_execution_logs drop column arguments, drop column result, drop column error;
call tenant_table('execution_payloads');
grant select, insert on execution_payloads to countersign_app;

alter table audit_pending
  -- What the entry records of a tool call: 'call', 'outcome', or null for none. The call is the entry's resource,
  -- its principal the actor, and its status the outcome.
  add column records text,
  -- The database's own time, for what the call's deadline counts from.
  add column recorded_at timestamptz,
  add column deadline_at timestamptz,
  add column token_id text,
  add column tool_id text,
  add column tool_name text,
  add column effect text,
  add column policy text,
  add column payload_sha256 text,
  add column approval_id text,
  add column step text,
  add column code text,
  add column detail text;

-- One entry and what it records: first what it has in common with others. src/store/flush-rows.ts has the same columns
-- in the same order.
create type gateway_entry as (
  tenant uuid, records text, event_type text, outcome text, actor_kind text, actor_id text, version bigint,
  not_after timestamptz, timeout_ms integer, token_id text, tool_id text, tool_name text, effect text, policy text,
  ord integer, at timestamptz, resource_id text, entry text, payload_sha256 text, approval_id text, step text, code text,
  detail text);
create type gateway_payload as (ord integer, tenant uuid, execution_id text, part text, body text);

-- Queues the calls and outcomes of many concurrent callers, of many workspaces. p_tenants names each workspace of a call
-- once, in order. Answers how many rows were written, and for each that was not, its ord and why:
--   stale      the facts moved since the decision, or the token has expired: decide again
--   busy       the workspace's configuration is being changed at this moment: try again
-- It runs as the system role, which may append to the queue and read the versions of all workspaces, so that entering
-- each workspace does not cost more than its rows. Its rows say which workspace they are of.
create function gateway_record(
  p_tenants uuid[], p_rows gateway_entry[], p_payloads gateway_payload[], out written integer, out refused integer[], out why text[]
) language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  present timestamptz := clock_timestamp();
  -- The workspaces that do not change until the end of this transaction.
  steady uuid[] := '{}';
  v_tenant uuid;
begin
  foreach v_tenant in array p_tenants loop
    if pg_try_advisory_xact_lock_shared(facts_lock(v_tenant)) then
      steady := steady || v_tenant;
    end if;
  end loop;
  insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry,
    records, recorded_at, deadline_at, token_id, tool_id, tool_name, effect, policy, payload_sha256, approval_id,
    step, code, detail)
  select r.tenant, r.at, r.event_type, r.actor_kind, r.actor_id, 'execution', r.resource_id, r.outcome, r.entry,
    r.records, present, present + r.timeout_ms * interval '1 millisecond', r.token_id, r.tool_id, r.tool_name,
    r.effect, r.policy, r.payload_sha256, r.approval_id, r.step, r.code, r.detail
  from unnest(p_rows) r
  where r.records = 'outcome' or (
    r.tenant = any (steady)
    and r.version = (select w.facts_version from workspaces w where w.tenant_id = r.tenant)
    and (r.not_after is null or r.not_after > present));
  get diagnostics written = row_count;
  refused := '{}';
  why := '{}';
  if written < cardinality(p_rows) then
    select array_agg(r.ord), array_agg(case when r.tenant = any (steady) then 'stale' else 'busy' end)
    into refused, why
    from unnest(p_rows) r
    where r.records = 'call' and (
      r.tenant <> all (steady)
      or r.version is distinct from (select w.facts_version from workspaces w where w.tenant_id = r.tenant)
      or r.not_after <= present);
  end if;
  insert into execution_payloads (tenant_id, execution_id, part, body)
  select p.tenant, p.execution_id, p.part, p.body from unnest(p_payloads) p where p.ord <> all (refused)
  -- An outcome that is sent again because nobody heard that it had been written.
  on conflict do nothing;
end $$;

drop policy sequencer on audit_pending;
create policy sequencer on audit_pending to countersign_system using (true) with check (true);
create policy versions on workspaces for select to countersign_system using (true);
drop policy due on agent_execution_logs;
create policy sequencer on agent_execution_logs to countersign_system using (true) with check (true);
create policy gateway on execution_payloads for insert to countersign_system with check (true);
grant insert on audit_pending, agent_execution_logs, execution_payloads to countersign_system;
grant select (tenant_id, facts_version) on workspaces to countersign_system;
grant select (tool_name, payload_sha256), update (status, step, code, detail, finished_at)
  on agent_execution_logs to countersign_system;

revoke execute on function gateway_record(uuid[], gateway_entry[], gateway_payload[]) from public;
grant execute on function gateway_record(uuid[], gateway_entry[], gateway_payload[]) to countersign_app;
-- A function may only be given to a role that may create one.
grant create on schema public to countersign_system;
alter function gateway_record(uuid[], gateway_entry[], gateway_payload[]) owner to countersign_system;
revoke create on schema public from countersign_system;

drop function gateway_flush;
-- A denied call is queued.
alter type gateway_call drop attribute step, drop attribute code, drop attribute detail;
drop type gateway_batch;
-- One workspace of a flush, and which elements of each array are its own.
create type gateway_batch as (
  tenant uuid, calls_from integer, calls_to integer, holds_from integer, holds_to integer, resumes_from integer,
  resumes_to integer, audits_from integer, audits_to integer);
drop type gateway_outcome;

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
create function gateway_flush(
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
      tool_name, effect, policy, payload_sha256, approval_id, idempotency_key, request_sha256, started_at, deadline_at)
    select p_tenant, id, status, principal_kind, principal_id, token_id, tool_id, tool_name, effect, policy,
      payload_sha256, approval_id, idempotency_key, request_sha256,
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

  insert into execution_payloads (tenant_id, execution_id, part, body)
  select p_tenant, id, 'arguments', arguments from unnest(p_calls) where ord <> all (refused);

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
  p_at timestamptz
) returns boolean language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  update agent_execution_logs set status = p_status, step = p_step, code = p_code, detail = p_detail,
    finished_at = p_at
  where tenant_id = p_tenant and id = p_id and (status = 'running' or (status = 'unknown' and p_status <> 'unknown'));
  return found or not exists (select from agent_execution_logs where tenant_id = p_tenant and id = p_id);
end $$;

drop function audit_sequence;
-- Moves up to p_limit pending entries into the chain of their workspaces, oldest first, and what they record of tool
-- calls into agent_execution_logs. Says how many entries there were, and whose.
-- Only one caller works at a time, on any node; the others wait for it with p_wait, or get null and try again later. The
-- lock ends with the transaction, so a node that dies hands over at once. A fork would need two rows with one
-- (tenant_id, seq). An outcome that does not count is dropped with its entry.
-- Entries before p_from are not looked for: while somebody keeps an old snapshot, as a dump does, what was deleted stays
-- in the index and would be walked through again every time.
-- How many entries there are is not known when the plan is made, so rows of one round are never looked for one by one.
create function audit_sequence(
  p_limit integer, p_wait boolean, p_from bigint, out moved integer, out tenant_ids uuid[], out last_id bigint)
language plpgsql set enable_seqscan = off set enable_nestloop = off set work_mem = '64MB' as $$
#variable_conflict use_column
begin
  if p_wait then
    perform pg_advisory_xact_lock(7302011990);
  elsif not pg_try_advisory_xact_lock(7302011990) then
    return;
  end if;
  select max(id) into last_id from (select id from audit_pending where id >= p_from order by id limit p_limit) oldest;
  if last_id is null then
    moved := 0;
    return;
  end if;
  with picked as materialized (
    delete from audit_pending where id between p_from and last_id returning *
  ), calls as (
    select tenant_id, resource_id, id from picked where records = 'call'
  ), firsts as (
    select o.tenant_id, o.resource_id, coalesce(min(o.id) filter (where o.outcome <> 'unknown'), min(o.id)) as id
    from picked o where o.records = 'outcome'
    group by o.tenant_id, o.resource_id
  ), outcomes as materialized (
    select f.tenant_id, f.resource_id, f.id, c.id as call_id
    from firsts f left join calls c on c.tenant_id = f.tenant_id and c.resource_id = f.resource_id
  ), written as (
    insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id, tool_name,
      effect, policy, payload_sha256, approval_id, step, code, detail, created_at, started_at, deadline_at, finished_at)
    select c.tenant_id, c.resource_id, coalesce(o.outcome, c.outcome), c.actor_kind, c.actor_id, c.token_id, c.tool_id,
      c.tool_name, c.effect, c.policy, c.payload_sha256, c.approval_id,
      coalesce(o.step, c.step), coalesce(o.code, c.code), coalesce(o.detail, c.detail),
      c.recorded_at, case when c.outcome = 'running' then c.recorded_at end, c.deadline_at,
      case when c.outcome = 'running' then o.recorded_at else c.recorded_at end
    from picked c
    left join outcomes f on f.call_id = c.id
    left join picked o on o.id = f.id
    where c.records = 'call'
    -- An id that was there already would stop the ledger for ever.
    on conflict (tenant_id, id) do nothing
  ), settled as materialized (
    select o.id, f.call_id is not null or settle_call(o.tenant_id, o.resource_id, o.outcome, o.step, o.code, o.detail,
      o.recorded_at) as settles
    from outcomes f join picked o on o.id = f.id
  ), entries as (
    select p.tenant_id, p.id, p.at, p.event_type, p.actor_kind, p.actor_id, p.resource_kind, p.resource_id, p.outcome,
      p.entry
    from picked p left join settled s on s.id = p.id
    where p.records is distinct from 'outcome' or s.settles
  ), heads as (
    select t.tenant_id, row(coalesce(l.seq, 0), coalesce(l.hash, audit_genesis(t.tenant_id)))::audit_end as head
    from (select distinct tenant_id from entries) t
    left join lateral (select seq, hash from audit_log a where a.tenant_id = t.tenant_id order by seq desc limit 1) l on true
  ), chained as (
    select p.*, h.head, audit_chain(h.head, p.entry) over w as link
    from entries p join heads h on h.tenant_id = p.tenant_id
    window w as (partition by p.tenant_id order by p.id rows unbounded preceding)
  ), inserted as (
    insert into audit_log (tenant_id, seq, prev_hash, hash, at, event_type, actor_kind, actor_id, resource_kind,
      resource_id, outcome, entry)
    select tenant_id, (link).seq, coalesce(lag((link).hash) over w, (head).hash), (link).hash, at, event_type, actor_kind, actor_id,
      resource_kind, resource_id, outcome, entry
    from chained window w as (partition by tenant_id order by (link).seq)
  )
  select count(*), array_agg(distinct tenant_id) into moved, tenant_ids from picked;
end $$;

revoke execute on function settle_call from public;
grant execute on function settle_call to countersign_system;
revoke execute on function audit_sequence from public;
grant execute on function audit_sequence to countersign_system;
