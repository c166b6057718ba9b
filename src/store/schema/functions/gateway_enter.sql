-- Commits at once, under the workspace's row level security, what cannot wait for the sequencer: calls whose
-- Idempotency-Key must be the only one, calls that people are asked to decide, and the consumption of what they decided.
-- A flush calls it for one workspace after the other (src/store/flush/statement.ts). Every row comes with its audit entries,
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
create or replace function gateway_enter(
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
