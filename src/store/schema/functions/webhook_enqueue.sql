-- Makes deliveries of one stretch of the backlog, the first of the workspaces behind p_after in the order of their ids: of so
-- many entries that they are about p_limit at the most, one entry at least. Says whose it was, or null where there is none
-- behind it, and how many deliveries there are. What is left of the stretch stays for the next call; what was made of it is
-- taken out in the same transaction, so no event is lost and none is told twice.
-- An endpoint's queue has a limit, and so have all of a workspace together, in equal shares.
create or replace function webhook_enqueue(p_after uuid, p_limit integer, out tenant uuid, out made integer)
language plpgsql set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  endpoint_max constant integer := 20000;
  workspace_max constant integer := 1000000;
  endpoints integer;
  pending_max integer;
  v record;
  v_to bigint;
begin
  select b.tenant_id, b.from_seq, b.to_seq into v from webhook_backlog b where b.tenant_id > p_after
  order by b.tenant_id, b.from_seq limit 1 for update skip locked;
  if not found then
    return;
  end if;
  tenant := v.tenant_id;
  select greatest(1, count(*)) into endpoints from webhook_endpoints w
  where w.tenant_id = v.tenant_id and w.status = 'enabled';
  pending_max := least(endpoint_max, workspace_max / endpoints);
  v_to := least(v.to_seq, v.from_seq + greatest(1, p_limit / endpoints));
  with events as materialized (
    select a.seq, a.at, a.event_type, a.hash, made_id('evt', a.at, a.hash) as event_id
    from audit_log a where a.tenant_id = v.tenant_id and a.seq > v.from_seq and a.seq <= v_to
  ), told as materialized (
    select w.id as endpoint_id, e.*, coalesce(q.pending, 0) >= pending_max as missed
    from events e
      join webhook_endpoints w on w.tenant_id = v.tenant_id and w.status = 'enabled' and e.at > w.enabled_at
        and w.events && array['*', e.event_type, split_part(e.event_type, '.', 1) || '.*']
      left join webhook_queues q on q.tenant_id = w.tenant_id and q.endpoint_id = w.id
  ), sent as (
    insert into webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, seq)
    select v.tenant_id, made_id('dlv', clock_timestamp(), sha256(hash || convert_to(endpoint_id, 'UTF8'))), endpoint_id,
      event_id, event_type, seq
    from told where not missed
  ), queued as (
    insert into webhook_queues as q (tenant_id, endpoint_id, due_at, pending, missed)
    select v.tenant_id, endpoint_id, clock_timestamp(), count(*) filter (where not missed), count(*) filter (where missed)
    from told group by endpoint_id order by endpoint_id
    on conflict (tenant_id, endpoint_id) do update set due_at = least(q.due_at, excluded.due_at),
      pending = q.pending + excluded.pending, missed = q.missed + excluded.missed
  )
  select count(*) into made from told where not missed;
  if v_to = v.to_seq then
    delete from webhook_backlog b where b.tenant_id = v.tenant_id and b.from_seq = v.from_seq;
  else
    update webhook_backlog b set from_seq = v_to where b.tenant_id = v.tenant_id and b.from_seq = v.from_seq;
  end if;
end $$;
