-- The rows of a flush. They travel in PostgreSQL's binary form, because reading 2 kB of arguments out of JSON costs more
-- than writing the row. src/store/flush/rows.ts has the same columns in the same order.

-- What many events have in common: where they are, what they record of a call, who made it, and on which facts it was
-- decided. `records` is one of
--   call     a call that was not there before, whose state is the outcome
--   outcome  how a call that runs has ended
--   draft    a call that is stored and not made
--   start    a call that was held begins to run
--   end      a call that was held ends without having run
--   nothing  an entry of the log alone
create type gateway_common as (
  tenant uuid, records text, event_type text, outcome text, actor_kind text, actor_id text, resource_kind text,
  version bigint, not_after timestamptz, timeout_ms integer, token_id text, tool_id text, tool_name text, effect text,
  policy text, via text);
-- One thing that happened, with its audit entry. `write` counts from 0 and names what is written together or not at all;
-- `common` counts from 1; `body` is what went out or came back; `run_id` and `on_behalf_of` are what the call said.
create type gateway_event as (
  write integer, common integer, at timestamptz, resource_id text, entry text, payload_sha256 text, approval_id text,
  request_id text, step text, code text, detail text, body text,
  run_id text, on_behalf_of text);
-- What a write needs that only its workspace's own rows can tell: an Idempotency-Key that nobody has used, an approval
-- that is still there to be used or ended, a new approval for a call that waits, and a draft: a new one (`draft_version`
-- null), or one that is still open and as it was when it was published. Of labels
-- on runs (0015_runs.sql): which runs' labels the decision was made on, which those were, and which labels go on which runs.
create type gateway_need as (
  write integer, principal_id text, execution_id text, session_id text, idempotency_key text, request_sha256 text, approval_id text,
  approval_becomes text, payload_sha256 text, policy_rule text, envelope text, definition_sha256 text, requester_user_ids text[],
  execute_on_approval boolean, expires_at timestamptz, summary text, subject text, suspicious boolean, policy_fault text,
  justification text, run_read text[], run_seen text[], run_write text[], run_labels text[],
  draft_id text, draft_version integer);
-- One workspace of a flush, and which elements of each array are its own.
create type gateway_batch as (
  tenant uuid, events_from integer, events_to integer, needs_from integer, needs_to integer);

-- One flush of the gateway a row, whatever it holds. The sequencer takes it apart.
create table gateway_queue (
  -- Shared with audit_pending, so that what happened later has the higher one wherever it is.
  id bigint primary key default nextval('audit_pending_id_seq'),
  -- The database's own time, for what the deadlines of calls count from.
  recorded_at timestamptz not null,
  -- How many events there are, and how many bytes.
  size integer not null,
  bytes integer not null,
  common gateway_common[] not null,
  events gateway_event[] not null
);
-- Compressing costs more than writing, and it is deleted within a second.
alter table gateway_queue alter common set storage external, alter events set storage external;
alter table gateway_queue set (toast_tuple_target = 8160);
