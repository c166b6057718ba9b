import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Via } from '../../kernel/doors.ts';
import { filters, oneOf } from '../../kernel/filters.ts';
import { earliestId, isId } from '../../kernel/ids.ts';
import { type Page, type PageInput, pageQuery, searched } from '../../kernel/page.ts';
import { ON_BEHALF_OF_MAX, RUN_ID_MAX } from '../../kernel/runs.ts';
import { CALL_STATE_OF, type CallState, EXECUTION_STATUSES, type ExecutionStatus } from '../../kernel/statuses.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import { keysOf } from '../facts/run-of.ts';
import { readRunLabels } from '../facts/runs.ts';

/** What narrows the list of tool calls. */
export const executionFilters = z.strictObject({
  ...pageQuery('exe'),
  ...searched,
  status: oneOf(EXECUTION_STATUSES).optional(),
  tool: filters.tool,
  principal: z.string().max(64).optional(),
  code: z.string().max(64).optional(),
  run_id: z.string().max(RUN_ID_MAX).optional().describe('The calls of one run, by its whole name.'),
  on_behalf_of: z.string().max(ON_BEHALF_OF_MAX).optional().describe('Whom they were made for, in full.'),
  from: filters.from,
  to: filters.to,
});
export type ExecutionFilters = z.infer<typeof executionFilters>;

/** A tool call as lists show it. */
export type ExecutionView = {
  readonly id: string;
  readonly status: ExecutionStatus;
  /** The word for it. */
  readonly state: CallState;
  readonly tool: string;
  readonly effect: string | null;
  readonly policy: string | null;
  readonly principal: { readonly kind: string; readonly id: string; readonly name: string | null };
  readonly step: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly approval_id: string | null;
  readonly payload_sha256: string | null;
  /** The door it came in by, and the request it came with. */
  readonly via: Via;
  readonly request_id: string | null;
  /** The run it belongs to and whom it was made for, as its caller said; the run may be its MCP session. */
  readonly run_id: string | null;
  readonly on_behalf_of: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** From the intent to the recorded outcome. */
  readonly duration_ms: number | null;
};

/** One tool call with what was sent and what came back. */
export type ExecutionDetail = ExecutionView & {
  /** The labels that count for a further call of its run, now. */
  readonly run_labels: readonly string[];
  readonly arguments: unknown;
  readonly result: unknown;
  readonly error: unknown;
};

/** The same with the three as the JSON texts that were recorded. */
export type ExecutionRecord = ExecutionView &
  Pick<ExecutionDetail, 'run_labels'> & {
    readonly tool_id: string | null;
  } & {
    readonly [part in 'arguments' | 'result' | 'error']: string | null;
  };

function calls(tx: TenantTx, ownerId: string | undefined) {
  const query = tx.db
    .selectFrom('agent_execution_logs as e')
    .leftJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'e.tenant_id').onRef('c.id', '=', 'e.principal_id'),
    )
    .leftJoin('auth_users as u', 'u.id', 'e.principal_id')
    .where('e.tenant_id', '=', tx.tenantId)
    .select(['e.id', 'e.status', 'e.tool_name', 'e.effect', 'e.policy', 'e.principal_kind', 'e.principal_id'])
    .select(['e.step', 'e.code', 'e.detail', 'e.approval_id', 'e.payload_sha256', 'e.via', 'e.request_id'])
    .select(['e.run_id', 'e.on_behalf_of', 'e.created_at', 'e.started_at', 'e.finished_at'])
    .select((eb) => eb.fn.coalesce('c.name', 'u.name').as('principal_name'))
    .select(sql<number | null>`extract(epoch from e.finished_at - e.started_at)::float8 * 1000`.as('duration_ms'));
  return ownerId === undefined ? query : query.where('e.principal_id', '=', ownerId);
}

type Row = Awaited<ReturnType<ReturnType<typeof calls>['executeTakeFirstOrThrow']>>;

function view(row: Row): ExecutionView {
  return {
    id: row.id,
    status: row.status,
    state: CALL_STATE_OF[row.status],
    tool: row.tool_name,
    effect: row.effect,
    policy: row.policy,
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    step: row.step,
    code: row.code,
    detail: row.detail,
    approval_id: row.approval_id,
    payload_sha256: row.payload_sha256,
    via: row.via,
    request_id: row.request_id,
    run_id: row.run_id,
    on_behalf_of: row.on_behalf_of,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
    duration_ms: row.duration_ms === null ? null : Math.round(row.duration_ms * 10) / 10,
  };
}

/** How many calls one question looks at, at most, where no index leads to those that were asked for. */
export const SEARCH_SPAN = 10_000;

/** Ids are made shortly before their rows are written, and clocks may differ: never by more than this. */
const APART_MS = 600_000;

/**
 * Tool calls, newest first; `ownerId` narrows them to one principal's own. Where no index leads to what was asked for, a
 * page holds what the next {@link SEARCH_SPAN} calls have, which may be nothing, and `next_cursor` says where to go on.
 */
export async function listExecutions(
  tx: TenantTx,
  {
    status,
    tool,
    principal,
    code,
    run_id: run,
    on_behalf_of: whom,
    from,
    to,
    q,
    ...page
  }: ExecutionFilters & PageInput,
  ownerId?: string,
): Promise<Page<ExecutionView>> {
  let query = calls(tx, ownerId);
  if (status !== undefined) query = query.where('e.status', '=', status);
  if (tool !== undefined) query = query.where('e.tool_name', '=', tool);
  if (principal !== undefined) query = query.where('e.principal_id', '=', principal);
  if (code !== undefined) query = query.where('e.code', '=', code);
  if (run !== undefined) query = query.where('e.run_id', '=', run);
  if (whom !== undefined) query = query.where('e.on_behalf_of', '=', whom);
  if (from !== undefined) {
    const lowest = earliestId('exe', new Date(Date.parse(from) - APART_MS));
    query = query.where('e.created_at', '>=', new Date(from)).where('e.id', '>=', lowest);
  }
  if (to !== undefined) {
    const behind = earliestId('exe', new Date(Date.parse(to) + APART_MS));
    query = query.where('e.created_at', '<', new Date(to)).where('e.id', '<', behind);
  }
  if (q !== undefined) query = isId('exe', q) ? query.where('e.id', '=', q) : query.where(isNamed(tx, q));
  const isFound = [tool, principal, code, run, ownerId].some((one) => one !== undefined) || isId('exe', q);
  const isSearch = !isFound && [status, whom, q].some((one) => one !== undefined);
  const lowest = isSearch ? await endOfSpan(tx, page.cursor) : undefined;
  if (lowest !== undefined) query = query.where('e.id', '>=', lowest);
  const found = await pagedList(tx, query, 'e.id', page, view);
  if (lowest === undefined) return found;
  return {
    items: found.items,
    next_cursor: found.next_cursor ?? lowest,
    total: found.total && { ...found.total, exact: false },
  };
}

/** The last call that one question looks at; undefined where it looks at all there are. */
async function endOfSpan(tx: TenantTx, cursor: string | undefined): Promise<string | undefined> {
  let query = tx.db
    .selectFrom('agent_execution_logs')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('id', 'desc')
    .offset(SEARCH_SPAN)
    .limit(1);
  if (cursor !== undefined) query = query.where('id', '<', cursor);
  return (await query.executeTakeFirst())?.id;
}

/** Whether the call `e` of a query has that name: its tool's, or its caller's. Callers are looked up once. */
function isNamed(tx: TenantTx, q: string): RawBuilder<boolean> {
  return sql<boolean>`(${contains('e.tool_name', q)} or e.principal_id = any(array(
    select n.id from integration_clients n where n.tenant_id = ${tx.tenantId} and ${contains('n.name', q)}
    union all select p.user_id from workspace_members p join auth_users o on o.id = p.user_id
      where p.tenant_id = ${tx.tenantId} and ${contains('o.name', q)})))`;
}

/** One tool call in full, or undefined when there is none the owner may see. */
export async function readExecution(tx: TenantTx, id: string, ownerId?: string): Promise<ExecutionRecord | undefined> {
  const row = await calls(tx, ownerId)
    .select(['e.arguments', 'e.result', 'e.error', 'e.token_id', 'e.tool_id', 'c.trusted_run_ids'])
    .where('e.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { read } = keysOf({
    runId: row.run_id,
    holderId: row.token_id ?? row.principal_id,
    trusted: row.trusted_run_ids === true,
  });
  const run_labels = await readRunLabels(tx, row.principal_id, read);
  return {
    ...view(row),
    tool_id: row.tool_id,
    run_labels,
    arguments: row.arguments,
    result: row.result,
    error: row.error,
  };
}
