-- Gives the entries that a round of the sequencer added to these workspaces' chains, each behind its `p_from`, to the
-- endpoints that want to hear of them, and says how many deliveries that are. It is part of the transaction that takes the
-- entries out of the queue: neither can happen without the other, so no event is lost and none is told twice.
create or replace function webhook_enqueue(p_tenants uuid[], p_from bigint[]) returns integer
language plpgsql set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  pending_max constant integer := 20000;
  v record;
  made integer := 0;
  of_tenant integer;
begin
  for v in
    select t.tenant_id, t.seq from unnest(p_tenants, p_from) t (tenant_id, seq)
    where exists (select from webhook_endpoints w where w.tenant_id = t.tenant_id and w.status = 'enabled')
    order by t.tenant_id
  loop
    with told as materialized (
      select w.id as endpoint_id, a.event_type, a.at, a.seq, a.hash, coalesce(q.pending, 0) >= pending_max as missed
      from audit_log a
        join webhook_endpoints w on w.tenant_id = a.tenant_id and w.status = 'enabled' and a.at > w.created_at
          and w.events && array['*', a.event_type, split_part(a.event_type, '.', 1) || '.*']
        left join webhook_queues q on q.tenant_id = w.tenant_id and q.endpoint_id = w.id
      where a.tenant_id = v.tenant_id and a.seq > v.seq
    ), sent as (
      insert into webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, seq)
      select v.tenant_id, made_id('dlv', clock_timestamp(), sha256(hash || convert_to(endpoint_id, 'UTF8'))), endpoint_id,
        made_id('evt', at, hash), event_type, seq
      from told where not missed
    ), queued as (
      insert into webhook_queues as q (tenant_id, endpoint_id, due_at, pending, missed)
      select v.tenant_id, endpoint_id, clock_timestamp(), count(*) filter (where not missed), count(*) filter (where missed)
      from told group by endpoint_id order by endpoint_id
      on conflict (tenant_id, endpoint_id) do update set due_at = least(q.due_at, excluded.due_at),
        pending = q.pending + excluded.pending, missed = q.missed + excluded.missed
    )
    select count(*) into of_tenant from told where not missed;
    made := made + of_tenant;
  end loop;
  return made;
end $$;
