import { type RawBuilder, sql } from 'kysely';
import { amountIn } from '../../kernel/call-summary.ts';
import { parseEnvelope } from '../../kernel/envelope.ts';
import { annotatedValues, readAnnotations } from '../../kernel/json-schema.ts';
import { type Page, type PageInput, pageOf } from '../../kernel/page.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { contains } from '../../store/contains.ts';
import { countUpTo, pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { ApprovalStatus } from '../../store/tables.ts';
import { readDeciders } from './deciders.ts';
import { describePinned } from './describe-call.ts';
import { readDrift } from './drift.ts';
import { GRANT_NOW, GRANTED_VOTES, hasGranted, mayDecide } from './facts.ts';
import { obstacleIn } from './obstacle.ts';
import { hasPresentStatus, PRESENT_STATUS } from './present-status.ts';
import { type ApprovalDetail, type ApprovalView, type Highlight, type Viewer, view, whyNot } from './views.ts';
import { votesThatCount } from './who-decides.ts';

export type ApprovalFilters = PageInput & {
  readonly status?: ApprovalStatus | undefined;
  readonly tool?: string | undefined;
  /** Whose calls: the id of a client or member. */
  readonly principal?: string | undefined;
  /** Only what the viewer can decide now, and that can still succeed. */
  readonly decidable?: boolean;
  /** Only what the viewer asked for, or a client that is theirs. */
  readonly mine?: boolean;
  readonly q?: string | undefined;
  readonly sort?: 'newest' | 'soonest';
};

/** All but the envelope, which may have a megabyte: a list must not read a hundred of them. */
const COLUMNS = [
  'a.id',
  'a.execution_id',
  'a.policy',
  'a.policy_rule',
  'a.policy_fault',
  'a.payload_sha256',
  'a.definition_sha256',
  'a.tool_id',
  'a.tool_name',
  'a.effect',
  'a.principal_kind',
  'a.principal_id',
  'a.requester_user_ids',
  'a.execute_on_approval',
  'a.summary',
  'a.subject',
  'a.suspicious',
  'a.created_at',
  'a.expires_at',
  'a.decided_at',
  'a.consumed_at',
] as const;

const PRINCIPAL_NAME = sql<string | null>`coalesce(c.name, u.name)`;

/** The approvals that a viewer may see, whatever shows them. */
export function visible(tx: TenantTx, viewer: Viewer) {
  let query = tx.db
    .selectFrom('approvals as a')
    .innerJoin('agent_execution_logs as e', (join) =>
      join.onRef('e.tenant_id', '=', 'a.tenant_id').onRef('e.id', '=', 'a.execution_id'),
    )
    .leftJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'a.tenant_id').onRef('c.id', '=', 'a.principal_id'),
    )
    .leftJoin('auth_users as u', 'u.id', 'a.principal_id')
    .leftJoin('tools as t', (join) => join.onRef('t.tenant_id', '=', 'a.tenant_id').onRef('t.id', '=', 'a.tool_id'))
    .leftJoin('connectors as n', (join) =>
      join.onRef('n.tenant_id', '=', 't.tenant_id').onRef('n.id', '=', 't.connector_id'),
    )
    .leftJoin('grants as g', (join) =>
      join
        .onRef('g.tenant_id', '=', 'a.tenant_id')
        .onRef('g.client_id', '=', 'a.principal_id')
        .onRef('g.tool_id', '=', 'a.tool_id'),
    )
    .where('a.tenant_id', '=', tx.tenantId)
    .select(COLUMNS)
    .select(PRESENT_STATUS.as('status'))
    .select(['e.status as execution_status', 'e.code as execution_code', 'e.detail as execution_detail'])
    .select(PRINCIPAL_NAME.as('principal_name'))
    .select([GRANT_NOW.as('grant'), GRANTED_VOTES.as('granted_votes'), obstacleIn(tx.tenantId).as('obstacle')]);
  if (viewer.kind === 'client') query = query.where('a.principal_id', '=', viewer.clientId);
  else if (viewer.role === 'member') {
    query = query.where((eb) => eb.or([eb('a.principal_id', '=', viewer.userId), mayLookAt(viewer.userId)]));
  }
  return query;
}

/** What a plain member sees beside their own requests: what a grant names them for now, and what they decided. */
function mayLookAt(userId: string): RawBuilder<boolean> {
  return sql`(coalesce(${userId} = any(g.approver_user_ids), false) or exists (select from approval_decisions d where d.tenant_id = a.tenant_id and d.approval_id = a.id
      and d.user_id = ${userId}))`;
}

/** Whether a viewer can decide the pending approval `a` of a query now, and to some end. */
export function isDecidable(tx: TenantTx, viewer: Viewer): RawBuilder<boolean> {
  if (viewer.kind === 'client') return sql<boolean>`false`;
  return sql<boolean>`(${hasPresentStatus('pending')} and ${mayDecide(viewer)} and not ${hasGranted(viewer.userId)}
    and ${obstacleIn(tx.tenantId)} is null)`;
}

/** What a viewer asked for, themselves or through a client of theirs. */
function isOwn(viewer: Viewer): RawBuilder<boolean> {
  if (viewer.kind === 'client') return sql<boolean>`true`;
  return sql<boolean>`(a.principal_id = ${viewer.userId} or c.owner_user_id = ${viewer.userId})`;
}

/** A page of approvals, as far as the viewer may see them: newest first, or those first that expire first. */
export async function listApprovals(
  tx: TenantTx,
  viewer: Viewer,
  { status, tool, principal, decidable, mine, q, sort, ...page }: ApprovalFilters,
): Promise<Page<ApprovalView>> {
  let query = visible(tx, viewer);
  if (status !== undefined) query = query.where(hasPresentStatus(status));
  if (tool !== undefined) query = query.where('a.tool_name', '=', tool);
  if (principal !== undefined) query = query.where('a.principal_id', '=', principal);
  if (decidable) query = query.where(isDecidable(tx, viewer));
  if (mine) query = query.where(isOwn(viewer));
  if (q !== undefined) {
    const names = ['a.tool_name', PRINCIPAL_NAME, 'a.summary'].map((column) => contains(column, q));
    query = query.where((eb) => eb.or([...names, eb('a.id', '=', q)]));
  }
  if (sort !== 'soonest') return pagedList(tx, query, 'a.id', page, (row) => view(row, viewer));
  const { limit, cursor, uncounted } = page;
  const total = cursor === undefined && !uncounted ? await countUpTo(tx, query) : null;
  if (cursor !== undefined) query = query.where(isAfter(tx, cursor));
  const rows = await query
    .orderBy('a.expires_at')
    .orderBy('a.id')
    .limit(limit + 1)
    .execute();
  return pageOf(rows, limit, (row) => view(row, viewer), total);
}

/** These approvals, what expires first first. */
export async function readViews(tx: TenantTx, viewer: Viewer, ids: readonly string[]): Promise<ApprovalView[]> {
  const rows = await visible(tx, viewer).where('a.id', 'in', ids).orderBy('a.expires_at').orderBy('a.id').execute();
  return rows.map((row) => view(row, viewer));
}

/** What expires after the approval that ended the page before. */
function isAfter(tx: TenantTx, id: string): RawBuilder<boolean> {
  return sql<boolean>`(a.expires_at, a.id) > (
    (select l.expires_at from approvals l where l.tenant_id = ${tx.tenantId} and l.id = ${id}), ${id})`;
}

/** One approval in full, or undefined when there is none that this viewer may see. */
export async function readApproval(tx: TenantTx, viewer: Viewer, id: string): Promise<ApprovalDetail | undefined> {
  const row = await visible(tx, viewer)
    .where('a.id', '=', id)
    .select(['a.envelope', 'a.justification', 'a.run_labels'])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const tool = await tx.db
    .selectFrom('tools')
    .select(['input_schema', 'description', 'definition_sha256'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', row.tool_id)
    .executeTakeFirstOrThrow();
  const decisions = await tx.db
    .selectFrom('approval_decisions as d')
    .innerJoin('auth_users as u', 'u.id', 'd.user_id')
    .where('d.tenant_id', '=', tx.tenantId)
    .where('d.approval_id', '=', id)
    .select(['d.user_id', 'u.name', 'd.decision', 'd.reason', 'd.created_at'])
    .orderBy('d.created_at')
    .execute();
  const voters = decisions.map(({ user_id }) => user_id);
  const counting = new Set(votesThatCount(row.granted_votes, row).map(({ userId }) => userId));
  const before = await tx.db
    .selectFrom('approvals')
    .where('tenant_id', '=', tx.tenantId)
    .where('tool_id', '=', row.tool_id)
    .where('principal_id', '=', row.principal_id)
    .where('status', 'in', ['approved', 'consumed'])
    .where('id', '!=', id)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  const isUnchanged = tool.definition_sha256 === row.definition_sha256;
  const pinned = parseEnvelope(row.envelope);
  const args = pinned.ok ? pinned.envelope.arguments : undefined;
  return {
    ...view(row, viewer),
    envelope: row.envelope,
    justification: row.justification,
    run_id: (pinned.ok && pinned.envelope.runId) || null,
    on_behalf_of: (pinned.ok && pinned.envelope.onBehalfOf) || null,
    run_labels: row.run_labels,
    input_schema: tool.input_schema,
    tool_description: tool.description,
    call: isUnchanged && args !== undefined ? await describePinned(tx, row.tool_id, row.summary, args) : null,
    decisions: decisions.map(({ created_at, ...rest }) => ({
      ...rest,
      at: created_at.toISOString(),
      counts: row.status !== 'pending' || counting.has(rest.user_id),
    })),
    approved_before: Number(before.count),
    highlights: highlightsOf(tool.input_schema, args ?? {}),
    tool_changed: !isUnchanged,
    drift: isUnchanged ? null : await readDrift(tx, row.tool_id, row.definition_sha256),
    deciders: viewer.kind === 'client' || row.status !== 'pending' ? [] : await readDeciders(tx, row, voters),
    why_not: whyNot(row, viewer),
  };
}

function highlightsOf(schema: unknown, args: JsonObject): Highlight[] {
  const annotations = readAnnotations(schema);
  const values = annotatedValues(annotations, args);
  const amounts = values.filter(({ role }) => role === 'amount');
  return [
    ...annotations
      .filter(({ role }) => role !== 'amount' && role !== 'sensitive')
      .map(({ role, steps }) => ({ role, steps })),
    ...amounts.map((one) => ({ role: one.role, steps: one.steps, ...amountIn(one, values) })),
  ];
}
