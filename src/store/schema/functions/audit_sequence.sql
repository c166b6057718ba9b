-- Moves about p_limit of the oldest entries into the chain of their workspaces, and what they record of tool calls into
-- agent_execution_logs; a flush is moved whole. Of large ones it moves fewer, so that no round takes longer than a
-- statement may. Says how many entries there were, whose, and whether there are more.
-- Only one caller works at a time, on any node; the others wait for it with p_wait, or get null and try again later. The
-- lock ends with the transaction, so a node that dies hands over at once. A fork would need two rows with one
-- (tenant_id, seq). An outcome that does not count is dropped with its entry.
-- Entries before p_from are not looked for: while somebody keeps an old snapshot, as a dump does, what was deleted stays
-- in the index and would be walked through again every time.
-- How many entries there are is not known when the plan is made, so rows of one round are never looked for one by one.
-- What endpoints are to be told of is left for them in the same transaction, as one stretch of the chain a workspace
-- (webhook_enqueue.sql); says how many stretches that are.
drop function if exists audit_sequence;
create function audit_sequence(
  p_limit integer, p_wait boolean, p_from bigint, out moved integer, out tenant_ids uuid[], out last_id bigint,
  out more boolean, out stretches integer)
language plpgsql set enable_seqscan = off set enable_nestloop = off set work_mem = '64MB' as $$
#variable_conflict use_column
declare
  bytes_max constant integer := 16 * 1024 * 1024;
  ends bigint[];
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
    stretches := 0;
    return;
  end if;
  with changes as (
    delete from audit_pending where id between p_from and last_id returning *
  ), flushes as materialized (
    delete from gateway_queue where id between p_from and last_id returning *
  ), commons as (
    select f.id as flush, c.* from flushes f, unnest(f.common) with ordinality c (tenant_id, records, event_type, outcome,
      actor_kind, actor_id, resource_kind, version, not_after, timeout_ms, token_id, tool_id, tool_name, effect, policy,
      via, place)
  ), events as materialized (
    select e.*, c.tenant_id, c.records, c.event_type, c.outcome, c.actor_kind, c.actor_id, c.timeout_ms, c.token_id,
      c.tool_id, c.tool_name, c.effect, c.policy, c.via
    from (
      select f.id as flush, f.recorded_at, e.*
      from flushes f, unnest(f.events) with ordinality e (write, common, at, resource_id, entry, payload_sha256,
        approval_id, request_id, step, code, detail, body, run_id, on_behalf_of, ord)
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
      arguments, result, error, via, request_id, run_id, on_behalf_of)
    select c.tenant_id, c.resource_id, coalesce(o.outcome, c.outcome), c.actor_kind, c.actor_id, c.token_id, c.tool_id,
      c.tool_name, c.effect, c.policy, c.payload_sha256, c.approval_id,
      coalesce(o.step, c.step), coalesce(o.code, c.code), coalesce(o.detail, c.detail), c.recorded_at,
      case when c.outcome = 'running' then c.recorded_at end,
      c.recorded_at + c.timeout_ms * interval '1 millisecond',
      case when c.outcome = 'running' then o.recorded_at else c.recorded_at end,
      c.body, case when o.outcome = 'executed' then o.body end, case when o.outcome = 'failed' then o.body end,
      c.via, c.request_id, c.run_id, c.on_behalf_of
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
    array(select tenant_id from heads order by tenant_id), array(select (head).seq from heads order by tenant_id)
  into moved, tenant_ids, ends;
  insert into webhook_backlog (tenant_id, from_seq, to_seq)
  select * from (
    select t.tenant_id, t.seq, (select max(a.seq) from audit_log a where a.tenant_id = t.tenant_id) as to_seq
    from unnest(tenant_ids, ends) t (tenant_id, seq)
    where exists (select from webhook_endpoints w where w.tenant_id = t.tenant_id and w.status = 'enabled')
  ) grown where to_seq > seq;
  get diagnostics stretches = row_count;
end $$;
