-- The rows of a flush. They travel in PostgreSQL's binary form, because reading 2 kB of arguments out of JSON costs
-- more than writing the row. src/store/flush-rows.ts has the same columns in the same order.
create type gateway_call as (
  ord integer, id text, version bigint, not_after timestamptz, status text, principal_kind text, principal_id text,
  token_id text, tool_id text, tool_name text, effect text, policy text, arguments text, payload_sha256 text,
  step text, code text, detail text, approval_id text, idempotency_key text, request_sha256 text, timeout_ms integer);
create type gateway_hold as (
  ord integer, policy_rule text, envelope text, definition_sha256 text, requester_user_ids text[],
  approver_user_ids text[], execute_on_approval boolean, expires_at timestamptz);
create type gateway_resume as (
  ord integer, version bigint, not_after timestamptz, approval_id text, execution_id text, payload_sha256 text,
  timeout_ms integer);
create type gateway_outcome as (
  ord integer, id text, status text, step text, code text, detail text, result text, error text);
create type gateway_audit as (
  ord integer, at timestamptz, event_type text, actor_kind text, actor_id text, resource_kind text, resource_id text,
  outcome text, entry text);
-- Where a workspace's rows end in each array; they begin where the workspace before ended.
create type gateway_batch as (
  tenant uuid, calls integer, holds integer, resumes integer, outcomes integer, audits integer);

-- One statement commits the calls, resumptions and outcomes of many concurrent callers, of many workspaces.
-- It enters one workspace after the other, always under that workspace's row level security. Every row comes with
-- its audit entries, which have its ord; one is not written without the other.
--
-- Result: one row per call, resumption and outcome, by its ord:
--   ok         written
--   stale      the facts moved since the decision, or the token has expired: decide again
--   duplicate  the idempotency key is taken by an earlier call
--   busy       the workspace's configuration is being changed, or the approval is held, at this moment: try again
--   lost       the row was not in the state this write needs (approval used, expired, …)
--
-- The plans are made when the tables are empty and kept: without these settings they read whole tables for ever.
create function gateway_flush(
  p_batches gateway_batch[], p_calls gateway_call[], p_holds gateway_hold[], p_resumes gateway_resume[],
  p_outcomes gateway_outcome[], p_audits gateway_audit[]
) returns table (o_ord integer, o_result text)
language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  b record;
  -- Not named like a column of the rows: a bare name means the column, and a version would equal itself.
  present_version bigint;
  v_calls gateway_call[];
  v_resumes gateway_resume[];
  v_audits gateway_audit[];
  calls_done integer := 0;
  holds_done integer := 0;
  resumes_done integer := 0;
  outcomes_done integer := 0;
  audits_done integer := 0;
begin
  for b in select * from unnest(p_batches) loop
    perform set_config('app.tenant_id', b.tenant::text, true);
    v_calls := p_calls[calls_done + 1 : b.calls];
    v_resumes := p_resumes[resumes_done + 1 : b.resumes];
    v_audits := p_audits[audits_done + 1 : b.audits];

    if b.calls > calls_done or b.resumes > resumes_done then
      if pg_try_advisory_xact_lock_shared(facts_lock(b.tenant)) then
        select facts_version into present_version from workspaces where tenant_id = b.tenant;
      else
        -- Its configuration is being changed. This workspace waits; the others do not wait with it.
        return query
        select ord, 'busy' from unnest(v_calls) union all select ord, 'busy' from unnest(v_resumes);
        v_calls := '{}';
        v_resumes := '{}';
      end if;
    end if;

    if cardinality(v_calls) > 0 then
      return query
      with fresh as materialized (
        select * from unnest(v_calls)
        where version is not distinct from present_version and (not_after is null or not_after > clock_timestamp())
      ), inserted as (
        insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id,
          tool_name, effect, policy, arguments, payload_sha256, step, code, detail, approval_id, idempotency_key,
          request_sha256, started_at, deadline_at, finished_at)
        select b.tenant, id, status, principal_kind, principal_id, token_id, tool_id, tool_name, effect, policy,
          arguments, payload_sha256, step, code, detail, approval_id, idempotency_key, request_sha256,
          case when status = 'running' then clock_timestamp() end,
          case when status = 'running' then clock_timestamp() + make_interval(secs => timeout_ms / 1000.0) end,
          case when status = 'denied' then clock_timestamp() end
        from fresh
        on conflict (tenant_id, principal_id, idempotency_key) where idempotency_key is not null do nothing
        returning id
      ), written as materialized (
        select f.* from fresh f join inserted i on i.id = f.id
      ), held as (
        insert into approvals (tenant_id, id, execution_id, policy, policy_rule, envelope, payload_sha256,
          definition_sha256, tool_id, tool_name, effect, principal_kind, principal_id, requester_user_ids,
          approver_user_ids, execute_on_approval, expires_at)
        select b.tenant, w.approval_id, w.id, w.policy, h.policy_rule, h.envelope, w.payload_sha256,
          h.definition_sha256, w.tool_id, w.tool_name, w.effect, w.principal_kind, w.principal_id,
          h.requester_user_ids, h.approver_user_ids, h.execute_on_approval, h.expires_at
        from written w join unnest(p_holds[holds_done + 1 : b.holds]) h on h.ord = w.ord
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.tenant, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from written w join unnest(v_audits) a on a.ord = w.ord
      )
      select c.ord, case
        when w.ord is not null then 'ok'
        when f.ord is not null then 'duplicate'
        else 'stale' end
      from unnest(v_calls) c left join fresh f on f.ord = c.ord left join written w on w.ord = c.ord;
    end if;

    if cardinality(v_resumes) > 0 then
      return query
      with fresh as materialized (
        select * from unnest(v_resumes)
        where version is not distinct from present_version and (not_after is null or not_after > clock_timestamp())
      ), free as materialized (
        -- An approval that somebody else holds is asked for again later: nobody waits for it here.
        select a.id from approvals a join fresh f on f.approval_id = a.id where a.tenant_id = b.tenant
        for no key update of a skip locked
      ), won as (
        -- Exactly one consumption: two rows for one approval in a batch match it once, and the status does
        -- the rest across batches and nodes.
        update approvals a set status = 'consumed', consumed_at = clock_timestamp()
        from fresh f join free on free.id = f.approval_id
        where a.tenant_id = b.tenant and a.id = f.approval_id and a.status = 'approved'
          and a.expires_at > clock_timestamp() and a.payload_sha256 = f.payload_sha256
        returning f.ord
      ), started as (
        update agent_execution_logs e set status = 'running', started_at = clock_timestamp(),
          deadline_at = clock_timestamp() + make_interval(secs => f.timeout_ms / 1000.0)
        from fresh f join won w on w.ord = f.ord
        where e.tenant_id = b.tenant and e.id = f.execution_id
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.tenant, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from won w join unnest(v_audits) a on a.ord = w.ord
      )
      select r.ord, case
        when w.ord is not null then 'ok'
        when f.ord is null then 'stale'
        when f.approval_id not in (select id from free)
          and exists (select from approvals a where a.tenant_id = b.tenant and a.id = f.approval_id) then 'busy'
        else 'lost' end
      from unnest(v_resumes) r left join fresh f on f.ord = r.ord left join won w on w.ord = r.ord;
    end if;

    if b.outcomes > outcomes_done then
      return query
      with o as materialized (
        select * from unnest(p_outcomes[outcomes_done + 1 : b.outcomes])
      ), done as (
        -- A late answer may still settle a call that a crash or a deadline left unknown.
        update agent_execution_logs e set status = o.status, step = o.step, code = o.code, detail = o.detail,
          result = o.result, error = o.error, finished_at = clock_timestamp()
        from o
        where e.tenant_id = b.tenant and e.id = o.id
          and (e.status = 'running' or (e.status = 'unknown' and o.status <> 'unknown'))
        returning o.ord
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.tenant, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from done d join unnest(v_audits) a on a.ord = d.ord
      )
      select o.ord, case when d.ord is not null then 'ok' else 'lost' end
      from o left join done d on d.ord = o.ord;
    end if;

    calls_done := b.calls;
    holds_done := b.holds;
    resumes_done := b.resumes;
    outcomes_done := b.outcomes;
    audits_done := b.audits;
  end loop;
end $$;
