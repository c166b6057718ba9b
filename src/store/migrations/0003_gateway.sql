-- One statement commits the calls, resumptions and outcomes of many concurrent callers, of many workspaces.
-- It enters one workspace after the other (in a fixed order, so that nodes cannot deadlock), always under
-- that workspace's row level security. Every row comes with its audit entries; one is not written without
-- the other.
--
-- p_batches: [{t, calls?, resumes?, outcomes?}]. Result: one row per item, by its ord:
--   ok         written
--   stale      the facts moved since the decision, or the token has expired: decide again
--   duplicate  the idempotency key is taken by an earlier call
--   busy       the workspace's configuration is being changed at this moment: try again
--   lost       the row was not in the state this write needs (approval used, expired, …)
create function gateway_flush(p_batches json) returns table (o_ord integer, o_result text)
language plpgsql as $$
#variable_conflict use_column
declare
  b record;
  -- Not named like a column of the rows: a bare name means the column, and a version would equal itself.
  present_version bigint;
begin
  for b in
    select (x ->> 't')::uuid as t, x -> 'calls' as calls, x -> 'resumes' as resumes, x -> 'outcomes' as outcomes
    from json_array_elements(p_batches) x order by 1
  loop
    perform set_config('app.tenant_id', b.t::text, true);

    if b.calls is not null or b.resumes is not null then
      if pg_try_advisory_xact_lock_shared(facts_lock(b.t)) then
        select facts_version into present_version from workspaces where tenant_id = b.t;
      else
        -- Its configuration is being changed. This workspace waits; the others do not wait with it.
        return query
        select (x ->> 'ord')::integer, 'busy'
        from (select json_array_elements(b.calls) x union all select json_array_elements(b.resumes)) waiting;
        b.calls := null;
        b.resumes := null;
      end if;
    end if;

    if b.calls is not null then
      return query
      with c as materialized (
        select * from json_to_recordset(b.calls) as c(
          ord integer, id text, v bigint, not_after timestamptz, status text, principal_kind text,
          principal_id text, token_id text, tool_id text, tool_name text, effect text, policy text,
          arguments text, payload_sha256 text, step text, code text, detail text, approval_id text,
          idempotency_key text, request_sha256 text, timeout_ms integer, approval json, audit json)
      ), fresh as materialized (
        select * from c where c.v is not distinct from present_version and (c.not_after is null or c.not_after > clock_timestamp())
      ), inserted as (
        insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id,
          tool_name, effect, policy, arguments, payload_sha256, step, code, detail, approval_id, idempotency_key,
          request_sha256, started_at, deadline_at, finished_at)
        select b.t, id, status, principal_kind, principal_id, token_id, tool_id, tool_name, effect, policy,
          arguments, payload_sha256, step, code, detail, approval_id, idempotency_key, request_sha256,
          case when status = 'running' then clock_timestamp() end,
          case when status = 'running' then clock_timestamp() + make_interval(secs => timeout_ms / 1000.0) end,
          case when status = 'denied' then clock_timestamp() end
        from fresh
        on conflict (tenant_id, principal_id, idempotency_key) where idempotency_key is not null do nothing
        returning id
      ), held as (
        insert into approvals (tenant_id, id, execution_id, policy, policy_rule, envelope, payload_sha256,
          definition_sha256, tool_id, tool_name, effect, principal_kind, principal_id, requester_user_ids,
          approver_user_ids, execute_on_approval, expires_at)
        select b.t, f.approval_id, f.id, f.policy, a.policy_rule, a.envelope, f.payload_sha256, a.definition_sha256,
          f.tool_id, f.tool_name, f.effect, f.principal_kind, f.principal_id, a.requester_user_ids,
          a.approver_user_ids, a.execute_on_approval, a.expires_at
        from fresh f join inserted i on i.id = f.id
        cross join lateral json_to_record(f.approval) as a(policy_rule text, envelope text, definition_sha256 text,
          requester_user_ids text[], approver_user_ids text[], execute_on_approval boolean, expires_at timestamptz)
        where f.approval is not null
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.t, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from fresh f join inserted i on i.id = f.id
        cross join lateral json_to_recordset(f.audit) as a(at timestamptz, event_type text, actor_kind text,
          actor_id text, resource_kind text, resource_id text, outcome text, entry text)
      )
      select c.ord, case
        when i.id is not null then 'ok'
        when f.id is not null then 'duplicate'
        else 'stale' end
      from c left join fresh f on f.ord = c.ord left join inserted i on i.id = c.id;
    end if;

    if b.resumes is not null then
      return query
      with r as materialized (
        select * from json_to_recordset(b.resumes) as r(
          ord integer, v bigint, not_after timestamptz, approval_id text, execution_id text, payload_sha256 text,
          timeout_ms integer, audit json)
      ), fresh as materialized (
        select * from r where r.v is not distinct from present_version and (r.not_after is null or r.not_after > clock_timestamp())
      ), won as (
        -- Exactly one consumption: two rows for one approval in a batch match it once, and the status does
        -- the rest across batches and nodes.
        update approvals a set status = 'consumed', consumed_at = clock_timestamp()
        from fresh f
        where a.tenant_id = b.t and a.id = f.approval_id and a.status = 'approved'
          and a.expires_at > clock_timestamp() and a.payload_sha256 = f.payload_sha256
        returning f.ord
      ), started as (
        update agent_execution_logs e set status = 'running', started_at = clock_timestamp(),
          deadline_at = clock_timestamp() + make_interval(secs => f.timeout_ms / 1000.0)
        from fresh f join won w on w.ord = f.ord
        where e.tenant_id = b.t and e.id = f.execution_id
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.t, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from fresh f join won w on w.ord = f.ord
        cross join lateral json_to_recordset(f.audit) as a(at timestamptz, event_type text, actor_kind text,
          actor_id text, resource_kind text, resource_id text, outcome text, entry text)
      )
      select r.ord, case when w.ord is not null then 'ok' when f.ord is not null then 'lost' else 'stale' end
      from r left join fresh f on f.ord = r.ord left join won w on w.ord = r.ord;
    end if;

    if b.outcomes is not null then
      return query
      with o as materialized (
        select * from json_to_recordset(b.outcomes) as o(
          ord integer, id text, status text, step text, code text, detail text, result text, error text, audit json)
      ), done as (
        -- A late answer may still settle a call that a crash or a deadline left unknown.
        update agent_execution_logs e set status = o.status, step = o.step, code = o.code, detail = o.detail, result = o.result,
          error = o.error, finished_at = clock_timestamp()
        from o
        where e.tenant_id = b.t and e.id = o.id and (e.status = 'running' or (e.status = 'unknown' and o.status <> 'unknown'))
        returning o.ord
      ), audited as (
        insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
        select b.t, a.at, a.event_type, a.actor_kind, a.actor_id, a.resource_kind, a.resource_id, a.outcome, a.entry
        from o join done d on d.ord = o.ord
        cross join lateral json_to_recordset(o.audit) as a(at timestamptz, event_type text, actor_kind text,
          actor_id text, resource_kind text, resource_id text, outcome text, entry text)
      )
      select o.ord, case when d.ord is not null then 'ok' else 'lost' end
      from o left join done d on d.ord = o.ord;
    end if;
  end loop;
end $$;
