-- An id as src/kernel/ids.ts makes them: a UUIDv7 whose time is given and whose other bits are the seed's, in base32. The
-- same time and seed make the same id.
create or replace function made_id(prefix text, at timestamptz, seed bytea) returns text
language sql immutable parallel safe as $$
  select prefix || '_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', substr('00' || bits, place * 5 + 1, 5)::bit(5)::integer + 1, 1), '' order by place)
  from generate_series(0, 25) place, (
    select (('x' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(hex, 1, 3)
      || '8' || substr(hex, 4, 15))::bit(128))::text as bits
    from (select encode(seed, 'hex') as hex) seeded
  ) made
$$;
