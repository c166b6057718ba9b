-- The rows of a flush. They travel in PostgreSQL's binary form, because reading 2 kB of arguments out of JSON costs more
-- than writing the row. src/store/flush/rows.ts has the same columns in the same order.

-- What many events have in common, and on which facts a call was decided.
create type gateway_common as (
  tenant uuid, records text, event_type text, outcome text, actor_kind text, actor_id text, version bigint,
  not_after timestamptz, timeout_ms integer, token_id text, tool_id text, tool_name text, effect text, policy text);
-- What happened to one call, with its audit entry. `common` counts from 1; `body` is what went out or came back.
create type gateway_event as (
  common integer, at timestamptz, resource_id text, entry text, payload_sha256 text, approval_id text, step text,
  code text, detail text, body text);

create type gateway_call as (
  ord integer, id text, version bigint, not_after timestamptz, status text, principal_kind text, principal_id text,
  token_id text, tool_id text, tool_name text, effect text, policy text, arguments text, payload_sha256 text,
  approval_id text, idempotency_key text, request_sha256 text, timeout_ms integer);
create type gateway_hold as (
  ord integer, policy_rule text, envelope text, definition_sha256 text, requester_user_ids text[],
  approver_user_ids text[], execute_on_approval boolean, expires_at timestamptz);
create type gateway_resume as (
  ord integer, version bigint, not_after timestamptz, approval_id text, execution_id text, payload_sha256 text,
  timeout_ms integer);
create type gateway_audit as (
  ord integer, at timestamptz, event_type text, actor_kind text, actor_id text, resource_kind text, resource_id text,
  outcome text, entry text);
-- One workspace of a flush, and which elements of each array are its own.
create type gateway_batch as (
  tenant uuid, calls_from integer, calls_to integer, holds_from integer, holds_to integer, resumes_from integer,
  resumes_to integer, audits_from integer, audits_to integer);

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
