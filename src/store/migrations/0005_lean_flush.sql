-- The governed call's tables and statements without what cost more than the row itself.

-- A foreign key is looked up anew for every row, and a check is read and prepared anew for every statement. These
-- three tables are written by gateway_flush and audit_sequence, which enter a workspace that exists; no role that
-- serves requests may delete one.
-- In the order in which a running node takes them.
lock table workspaces, agent_execution_logs, approvals, audit_pending, audit_log in access exclusive mode;
alter table agent_execution_logs
  drop constraint agent_execution_logs_tenant_id_fkey,
  drop constraint agent_execution_logs_status_check,
  drop constraint agent_execution_logs_principal_kind_check;
alter table audit_pending drop constraint audit_pending_tenant_id_fkey;
alter table audit_log drop constraint audit_log_tenant_id_fkey, drop constraint audit_log_seq_check;

drop function gateway_flush;
drop type gateway_batch;
-- One workspace of a flush, and which elements of each array are its own.
create type gateway_batch as (
  tenant uuid, calls_from integer, calls_to integer, holds_from integer, holds_to integer, resumes_from integer,
  resumes_to integer, outcomes_from integer, outcomes_to integer, audits_from integer, audits_to integer);

-- Commits the calls, resumptions and outcomes of many concurrent callers of one workspace, under its row level security.
-- A flush calls it for one workspace after the other (src/store/flush-query.ts). Every row comes with its audit entries,
-- which have its ord; one is not written without the other.
--
-- Answers how many rows were written, which is counted where they are, and for each that was not, its ord and why:
--   stale      the facts moved since the decision, or the token has expired: decide again
--   duplicate  the idempotency key is taken by an earlier call
--   busy       the workspace's configuration is being changed, or the approval is held, at this moment: try again
--   lost       the row was not in the state this write needs (approval used, expired, …)
--
-- What exists already is found by its key, one row at a time: a join would be planned while the tables are empty, as a
-- scan of all the calls of a workspace, and the plan kept.
create function gateway_flush(
  p_tenant uuid, p_calls gateway_call[], p_holds gateway_hold[], p_resumes gateway_resume[],
  p_outcomes gateway_outcome[], p_audits gateway_audit[], out written integer, out refused integer[], out why text[]
) language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_call gateway_call;
  v_resume gateway_resume;
  present_version bigint;
  rows_written integer;
  reason text;
  settled text[];
  without_intent boolean;
begin
  written := 0;
  refused := '{}';
  why := '{}';
  perform set_config('app.tenant_id', p_tenant::text, true);

  if cardinality(p_calls) > 0 or cardinality(p_resumes) > 0 then
    if pg_try_advisory_xact_lock_shared(facts_lock(p_tenant)) then
      -- Versions count from 1, so that a workspace which is not there makes every decision stale.
      present_version := coalesce((select facts_version from workspaces where tenant_id = p_tenant), -1);
    else
      -- Its configuration is being changed. This workspace waits; the others do not wait with it.
      present_version := null;
    end if;
  end if;

  if cardinality(p_calls) > 0 then
    insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, token_id, tool_id,
      tool_name, effect, policy, arguments, payload_sha256, step, code, detail, approval_id, idempotency_key,
      request_sha256, started_at, deadline_at, finished_at)
    select p_tenant, id, status, principal_kind, principal_id, token_id, tool_id, tool_name, effect, policy,
      arguments, payload_sha256, step, code, detail, approval_id, idempotency_key, request_sha256,
      case when status = 'running' then clock_timestamp() end,
      case when status = 'running' then clock_timestamp() + make_interval(secs => timeout_ms / 1000.0) end,
      case when status = 'denied' then clock_timestamp() end
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

  if cardinality(p_outcomes) > 0 then
    -- Written as an insert because that finds its rows by the key, whatever the plan; none is meant to be inserted.
    -- A late answer may still settle a call that a crash or a deadline left unknown.
    with s as (
      insert into agent_execution_logs as e (tenant_id, id, status, principal_kind, principal_id, tool_name,
        step, code, detail, result, error, finished_at)
      select p_tenant, id, status, '', '', '', step, code, detail, result, error, clock_timestamp()
      from unnest(p_outcomes)
      on conflict (tenant_id, id) do update set status = excluded.status, step = excluded.step, code = excluded.code,
        detail = excluded.detail, result = excluded.result, error = excluded.error, finished_at = excluded.finished_at
      where e.status = 'running' or (e.status = 'unknown' and excluded.status <> 'unknown')
      returning id, principal_id = '' as is_new
    )
    select coalesce(array_agg(id), '{}'), bool_or(is_new) into settled, without_intent from s;
    if without_intent then
      raise foreign_key_violation using message = 'an outcome without its intent';
    end if;
    written := written + cardinality(settled);
    if cardinality(settled) < cardinality(p_outcomes) then
      select refused || array_agg(ord), why || array_agg('lost'::text)
      into refused, why from unnest(p_outcomes) where id <> all (settled);
    end if;
  end if;

  insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
  select p_tenant, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry
  from unnest(p_audits) where ord <> all (refused);
end $$;

-- The queue is read in the order of its ids and emptied; nothing looks for one of its rows.
alter table audit_pending drop constraint audit_pending_pkey;
alter table audit_pending replica identity full;

-- These two are most of the log, and so near wherever one looks that no index is needed to find them.
drop index audit_log_event;
create index audit_log_event on audit_log (tenant_id, event_type, seq)
  where event_type <> 'execution.started' and event_type <> 'execution.executed';

drop function audit_sequence;
drop aggregate audit_chain(bytea, bigint, text);
drop function audit_link;

-- Where a chain ends. The window below takes one from entry to entry.
create type audit_end as (seq bigint, hash bytea);

-- hash = SHA-256(prev_hash || seq as 8 bytes, big endian || entry in UTF-8), as before.
create function audit_link(link audit_end, head audit_end, entry text) returns audit_end
language plpgsql immutable parallel safe as $$
begin
  if link is null then
    link := head;
  end if;
  link.seq := link.seq + 1;
  link.hash := sha256(link.hash || int8send(link.seq) || convert_to(entry, 'UTF8'));
  return link;
end $$;

create aggregate audit_chain(head audit_end, entry text) (sfunc = audit_link, stype = audit_end);

-- Moves up to p_limit pending entries into the chain of their workspaces, oldest first, and says how many
-- and whose.
-- Only one caller works at a time, on any node; the others get null and try again later. The lock ends with
-- the transaction, so a node that dies hands over at once. A fork would need two rows with one (tenant_id, seq).
create function audit_sequence(p_limit integer, out moved integer, out tenant_ids uuid[])
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  last_id bigint;
begin
  if not pg_try_advisory_xact_lock(7302011990) then
    return;
  end if;
  select max(id) into last_id from (select id from audit_pending order by id limit p_limit) oldest;
  if last_id is null then
    moved := 0;
    return;
  end if;
  with picked as (
    delete from audit_pending where id <= last_id returning *
  ), heads as (
    select t.tenant_id, row(coalesce(l.seq, 0), coalesce(l.hash, audit_genesis(t.tenant_id)))::audit_end as head
    from (select distinct tenant_id from picked) t
    left join lateral (select seq, hash from audit_log a where a.tenant_id = t.tenant_id order by seq desc limit 1) l on true
  ), chained as (
    select p.*, h.head, audit_chain(h.head, p.entry) over w as link
    from picked p join heads h on h.tenant_id = p.tenant_id
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

revoke execute on function audit_sequence(integer) from public;
grant execute on function audit_sequence(integer) to countersign_system;
