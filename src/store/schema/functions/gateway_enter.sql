-- Commits at once, under the workspace's row level security, what cannot wait for the sequencer: calls whose
-- Idempotency-Key must be the only one, calls that people are asked to decide, and what becomes of what they decided.
-- A flush calls it for one workspace after the other (src/store/flush/statement.ts). A write's events and needs have its
-- number; they are written together or not at all.
--
-- Answers how many writes were written, and for each that was not, its number and why:
--   stale            the facts moved since the decision, or the token has expired, or the sign-in ended, or the run has
--                    other labels than the decision was made on: decide again
--   busy             the workspace's configuration is being changed, or the approval is held, at this moment: try again
--   duplicate:<id>   the idempotency key is taken by that earlier call
--   draft:moved      the draft that is published was edited, published or discarded meanwhile
--   draft:full       the workspace has as many open drafts as it may
--   lost:<status>    the approval is not in the state this write needs, but in that one
--
-- What exists already is found by its key, one row at a time: a join would be planned while the tables are empty, as a
-- scan of all the calls of a workspace, and the plan kept.
create or replace function gateway_enter(
  p_tenant uuid, p_common gateway_common[], p_events gateway_event[], p_needs gateway_need[],
  out written integer, out refused integer[], out why text[]
) language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_event gateway_event;
  v_common gateway_common;
  v_need gateway_need;
  v_found text;
  present timestamptz := clock_timestamp();
  present_version bigint;
  rows_written integer;
  drafts_max constant integer := 10000;
  puts_labels boolean := false;
begin
  refused := '{}';
  why := '{}';
  perform set_config('app.tenant_id', p_tenant::text, true);
  if not pg_try_advisory_xact_lock_shared(facts_lock(p_tenant)) then
    -- Its configuration is being changed. This workspace waits; the others do not wait with it.
    select 0, array_agg(w.write), array_agg('busy'::text) into written, refused, why
    from (select distinct e.write from unnest(p_events) e) w;
    return;
  end if;
  -- Versions count from 1, so that a workspace which is not there makes every decision stale.
  present_version := coalesce((select facts_version from workspaces where tenant_id = p_tenant), -1);
  foreach v_event in array p_events loop
    v_common := p_common[v_event.common];
    if (v_common.version <> present_version or v_common.not_after <= present) and v_event.write <> all (refused) then
      refused := refused || v_event.write;
      why := why || 'stale'::text;
    end if;
  end loop;

  foreach v_need in array p_needs loop
    continue when v_need.write = any (refused);
    v_found := null;
    if v_need.session_id is not null and not exists (select from auth_sessions where id = v_need.session_id
      -- As IDLE of src/identity/sessions.ts has it.
      and "expiresAt" > present and "updatedAt" > present - interval '12 hours') then
      refused := refused || v_need.write;
      why := why || 'stale'::text;
      continue;
    end if;
    if v_need.run_read is not null and v_need.run_seen is not null
      and run_labels_of(p_tenant, v_need.principal_id, v_need.run_read) <> v_need.run_seen then
      refused := refused || v_need.write;
      why := why || 'stale'::text;
      continue;
    end if;
    puts_labels := puts_labels or v_need.run_labels is not null;
    if v_need.idempotency_key is not null then
      insert into idempotency_keys (tenant_id, principal_id, key, execution_id, request_sha256)
      values (p_tenant, v_need.principal_id, v_need.idempotency_key, v_need.execution_id, v_need.request_sha256)
      on conflict do nothing;
      if not found then
        v_found := 'duplicate:' || (select execution_id from idempotency_keys
          where tenant_id = p_tenant and principal_id = v_need.principal_id and key = v_need.idempotency_key);
      end if;
    end if;
    if v_found is null and v_need.approval_becomes is not null then
      -- An approval that somebody else holds is asked for again later: nobody waits for it here.
      select status into v_found from approvals where tenant_id = p_tenant and id = v_need.approval_id
      for no key update skip locked;
      if not found then
        perform from approvals where tenant_id = p_tenant and id = v_need.approval_id;
        v_found := case when found then 'busy' else 'lost:gone' end;
      else
        -- Exactly one use: the status decides, within this flush and across flushes and nodes.
        update approvals set status = v_need.approval_becomes,
          consumed_at = case when v_need.approval_becomes = 'consumed' then present end
        where tenant_id = p_tenant and id = v_need.approval_id and status = 'approved'
          and expires_at > clock_timestamp() and payload_sha256 = v_need.payload_sha256;
        v_found := case when not found then 'lost:' || v_found end;
      end if;
      if v_found is not null and v_need.idempotency_key is not null then
        delete from idempotency_keys
        where tenant_id = p_tenant and principal_id = v_need.principal_id and key = v_need.idempotency_key;
      end if;
    end if;
    if v_found is null and v_need.draft_version is not null then
      update drafts set status = 'published', ended_by = v_need.principal_id, ended_at = present,
        execution_id = v_need.execution_id
      where tenant_id = p_tenant and id = v_need.draft_id and status = 'open' and version = v_need.draft_version;
      v_found := case when not found then 'draft:moved' end;
    elsif v_found is null and v_need.draft_id is not null and (select count(*) from (
        select from drafts where tenant_id = p_tenant and status = 'open' limit drafts_max) d) = drafts_max then
      v_found := 'draft:full';
      delete from idempotency_keys
      where tenant_id = p_tenant and principal_id = v_need.principal_id and key = v_need.idempotency_key;
    end if;
    if v_found is not null then
      refused := refused || v_need.write;
      why := why || v_found;
    end if;
  end loop;

  insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id,
    tool_name, effect, policy, arguments, payload_sha256, approval_id, via, request_id, run_id, on_behalf_of, started_at,
    deadline_at)
  -- The entry of a call that waits is about its approval.
  select p_tenant, coalesce(n.execution_id, e.resource_id), c.outcome, c.actor_kind, c.actor_id, c.token_id, c.tool_id, c.tool_name, c.effect,
    c.policy, e.body, e.payload_sha256, e.approval_id, c.via, e.request_id, e.run_id, e.on_behalf_of,
    case when c.outcome = 'running' then present end,
    case when c.outcome = 'running' then present + c.timeout_ms * interval '1 millisecond' end
  from unnest(p_events) e left join unnest(p_needs) n on n.write = e.write, unnest(p_common[e.common : e.common]) c
  where c.records = 'call' and e.write <> all (refused);

  -- Before the call leaves: whatever it reads, nobody has read it yet. Those that have had them for less than a minute are
  -- left as they are; the others are taken in one order by everybody.
  if puts_labels then
    insert into run_labels (tenant_id, principal_id, run, labels, labelled_at)
    select p_tenant, n.principal_id, r.run, array_agg(distinct l.label order by l.label), present
    from unnest(p_needs) n, unnest(n.run_write) r (run), unnest(n.run_labels) l (label)
    where n.write <> all (refused) and not exists (select from run_labels k where k.tenant_id = p_tenant
      and k.principal_id = n.principal_id and k.run = r.run and k.labels @> n.run_labels
      and k.labelled_at > present - interval '1 minute')
    group by n.principal_id, r.run
    order by n.principal_id, r.run
    on conflict (tenant_id, principal_id, run) do update set labelled_at = excluded.labelled_at,
      labels = case when run_labels_end(run_labels.run, run_labels.labelled_at) > excluded.labelled_at
        then array(select distinct u.label from unnest(run_labels.labels || excluded.labels) u (label) order by u.label)
        else excluded.labels end;
  end if;

  insert into approvals (tenant_id, id, execution_id, policy, policy_rule, envelope, payload_sha256,
    definition_sha256, tool_id, tool_name, effect, principal_kind, principal_id, requester_user_ids,
    execute_on_approval, expires_at, summary, subject, suspicious, policy_fault, justification, run_labels)
  select p_tenant, e.approval_id, n.execution_id, c.policy, n.policy_rule, n.envelope, e.payload_sha256,
    n.definition_sha256, c.tool_id, c.tool_name, c.effect, c.actor_kind, c.actor_id, n.requester_user_ids,
    n.execute_on_approval, n.expires_at, n.summary, n.subject, n.suspicious, n.policy_fault, n.justification, n.run_seen
  from unnest(p_needs) n join unnest(p_events) e on e.write = n.write, unnest(p_common[e.common : e.common]) c
  where n.envelope is not null and c.records = 'call' and n.write <> all (refused);

  insert into drafts (tenant_id, id, client_id, tool_id, tool_name, effect, arguments, summary, subject, suspicious,
    justification, run_id, on_behalf_of, run_labels, token_id, via, request_id)
  select p_tenant, n.draft_id, c.actor_id, c.tool_id, c.tool_name, c.effect, e.body, n.summary, n.subject, n.suspicious,
    n.justification, e.run_id, e.on_behalf_of, run_labels_of(p_tenant, n.principal_id, n.run_read), c.token_id, c.via,
    e.request_id
  from unnest(p_needs) n join unnest(p_events) e on e.write = n.write, unnest(p_common[e.common : e.common]) c
  where c.records = 'draft' and n.write <> all (refused);

  foreach v_event in array p_events loop
    v_common := p_common[v_event.common];
    continue when v_common.records not in ('start', 'end') or v_event.write = any (refused);
    update agent_execution_logs set status = v_common.outcome, step = v_event.step, code = v_event.code,
      detail = v_event.detail,
      started_at = case when v_common.records = 'start' then present end,
      deadline_at = case when v_common.records = 'start' then present + v_common.timeout_ms * interval '1 millisecond' end,
      finished_at = case when v_common.records = 'end' then present end
    where tenant_id = p_tenant and id = v_event.resource_id and status = 'pending_approval';
    if not found then
      raise foreign_key_violation using message = 'the call that was held is not held any more';
    end if;
  end loop;

  insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
  select p_tenant, e.at, c.event_type, c.actor_kind, c.actor_id, c.resource_kind, e.resource_id,
    -- What the call waits for is no outcome of its own.
    case when c.outcome = 'pending_approval' then 'pending' else c.outcome end, e.entry
  from unnest(p_events) with ordinality e (write, common, at, resource_id, entry, payload_sha256, approval_id, request_id,
    step, code, detail, body, run_id, on_behalf_of, place), unnest(p_common[e.common : e.common]) c
  where e.write <> all (refused)
  order by e.place;
  get diagnostics rows_written = row_count;
  -- Counted where they are: what is not in the log was not written.
  select count(distinct e.write) into written from unnest(p_events) e where e.write <> all (refused);
  if rows_written <> (select count(*) from unnest(p_events) e where e.write <> all (refused)) then
    raise foreign_key_violation using message = 'an event has no common columns';
  end if;
end $$;
