-- One link of a chain (audit_genesis.sql), and the aggregate whose window takes it from entry to entry.
create or replace function audit_link(link audit_end, head audit_end, entry text) returns audit_end
language plpgsql immutable parallel safe as $$
begin
  if link is null then
    link := head;
  end if;
  link.seq := link.seq + 1;
  link.prev_hash := link.hash;
  link.hash := sha256(link.hash || int8send(link.seq) || convert_to(entry, 'UTF8'));
  return link;
end $$;

create or replace aggregate audit_chain(head audit_end, entry text) (sfunc = audit_link, stype = audit_end);
