-- The chain: hash = SHA-256(prev_hash || seq as 8 bytes, big endian || entry in UTF-8). The first prev_hash
-- of a workspace is SHA-256 of 'countersign audit v1 ' || its tenant id, so no chain can pass for another's.
create or replace function audit_genesis(tenant uuid) returns bytea language sql immutable parallel safe
  return sha256(convert_to('countersign audit v1 ' || tenant::text, 'UTF8'));
