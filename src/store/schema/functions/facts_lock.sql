-- Every change that can turn an allowed call into a refused one moves the workspace's facts_version, under a lock
-- that recording an intent shares, so no intent slips past the change. The lock is an advisory one because those
-- are fair: once a change waits for it, no new intent gets in front, whatever the load.
create or replace function facts_lock(tenant uuid) returns bigint language sql immutable parallel safe
  return hashtextextended(tenant::text, 7302011992);
