-- Records the outcome of a call that is in the list already. A late answer may still settle a call that a crash or a
-- deadline left unknown. Says whether it counts: one of a call that is settled does not, as the second that a node sent
-- because it did not hear of the first; one of a call that is nowhere, as a failover may lose it, does.
create or replace function settle_call(p_tenant uuid, p_id text, p_status text, p_step text, p_code text, p_detail text,
  p_body text, p_at timestamptz
) returns boolean language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  update agent_execution_logs set status = p_status, step = p_step, code = p_code, detail = p_detail,
    result = case when p_status = 'executed' then p_body end, error = case when p_status = 'failed' then p_body end,
    finished_at = p_at
  where tenant_id = p_tenant and id = p_id and (status = 'running' or (status = 'unknown' and p_status <> 'unknown'));
  return found or not exists (select from agent_execution_logs where tenant_id = p_tenant and id = p_id);
end $$;
