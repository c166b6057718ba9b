-- The chain: hash = SHA-256(prev_hash || seq as 8 bytes, big endian || entry in UTF-8). The first prev_hash
-- of a workspace is SHA-256 of 'countersign audit v1 ' || its tenant id, so no chain can pass for another's.
create function audit_genesis(tenant uuid) returns bytea language sql immutable parallel safe
  return sha256(convert_to('countersign audit v1 ' || tenant::text, 'UTF8'));

create function audit_link(state bytea, head bytea, seq bigint, entry text) returns bytea language sql immutable parallel safe
  return sha256(coalesce(state, head) || int8send(seq) || convert_to(entry, 'UTF8'));

create aggregate audit_chain(head bytea, seq bigint, entry text) (sfunc = audit_link, stype = bytea);

-- Moves up to p_limit pending entries into the chain of their workspaces, oldest first, and says how many
-- and whose.
-- Only one caller works at a time, on any node; the others get null and try again later. The lock ends with
-- the transaction, so a node that dies hands over at once. A fork would need two rows with one (tenant_id, seq).
create function audit_sequence(p_limit integer, out moved integer, out tenant_ids uuid[]) language plpgsql as $$
#variable_conflict use_column
begin
  if not pg_try_advisory_xact_lock(7302011990) then
    return;
  end if;
  with picked as (
    delete from audit_pending where id in (select id from audit_pending order by id limit p_limit) returning *
  ), head as (
    select t.tenant_id, coalesce(l.seq, 0) as seq, coalesce(l.hash, audit_genesis(t.tenant_id)) as hash
    from (select distinct tenant_id from picked) t
    left join lateral (select seq, hash from audit_log a where a.tenant_id = t.tenant_id order by seq desc limit 1) l on true
  ), numbered as (
    select p.*, h.hash as head, h.seq + row_number() over (partition by p.tenant_id order by p.id) as seq
    from picked p join head h on h.tenant_id = p.tenant_id
  ), chained as (
    select n.*, audit_chain(head, seq, entry) over w as hash from numbered n
    window w as (partition by tenant_id order by seq rows unbounded preceding)
  ), inserted as (
    insert into audit_log (tenant_id, seq, prev_hash, hash, at, event_type, actor_kind, actor_id, resource_kind,
      resource_id, outcome, entry)
    select tenant_id, seq, coalesce(lag(hash) over w, head), hash, at, event_type, actor_kind, actor_id,
      resource_kind, resource_id, outcome, entry
    from chained window w as (partition by tenant_id order by seq)
    returning tenant_id
  )
  select count(*), array_agg(distinct tenant_id) into moved, tenant_ids from inserted;
end $$;

revoke execute on function audit_sequence(integer) from public;
grant execute on function audit_sequence(integer) to countersign_system;
