import { type RawBuilder, sql } from 'kysely';
import type { Effect } from '../../kernel/codes.ts';
import { readAnnotations } from '../../kernel/json-schema.ts';
import type { Page, PageInput } from '../../kernel/page.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { ApprovalStatus, Role } from '../../store/tables.ts';
import type { CallDescription } from '../../upstream/kind.ts';
import { type Decider, readDeciders } from './deciders.ts';
import { describePinned } from './describe-call.ts';
import { GRANT_NOW, GRANTED_VOTES } from './facts.ts';
import { hasPresentStatus, PRESENT_STATUS } from './present-status.ts';
import { votesNeeded, votesThatCount, whyNotDecide } from './who-decides.ts';

/** Who looks: a client and a member see what they asked for, a member also what a grant lets them decide. */
export type Viewer =
  | { readonly kind: 'member'; readonly userId: string; readonly role: Role }
  | { readonly kind: 'client'; readonly clientId: string };

/** An approval as lists show it. */
export type ApprovalView = {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly policy: 'approve' | 'approve-dual';
  readonly policy_rule: string | null;
  readonly tool: { readonly id: string; readonly name: string; readonly effect: Effect };
  readonly principal: { readonly kind: string; readonly id: string; readonly name: string | null };
  readonly execution: { readonly id: string; readonly status: string; readonly code: string | null };
  readonly payload_sha256: string;
  readonly execute_on_approval: boolean;
  readonly created_at: string;
  readonly expires_at: string;
  readonly decided_at: string | null;
  readonly consumed_at: string | null;
  /** Those that count now: a vote counts no more once its voter may not decide any longer. */
  readonly votes: number;
  readonly votes_needed: number;
  /** Why it was cancelled, in a sentence; null in every other state. */
  readonly cancelled_because: string | null;
  /** Whether this viewer may still decide it, as far as roles and exclusions go. */
  readonly may_decide: boolean;
};

/** One approval with the exact pinned bytes, and everything a card needs to explain them. */
export type ApprovalDetail = ApprovalView & {
  /** The canonical envelope whose SHA-256 is `payload_sha256`. */
  readonly envelope: string;
  readonly input_schema: unknown;
  readonly tool_description: string;
  /** What it would do outside, in words; null when the tool is not what it was. */
  readonly call: CallDescription | null;
  readonly decisions: {
    readonly user_id: string;
    readonly name: string;
    readonly decision: 'granted' | 'denied';
    readonly reason: string | null;
    readonly at: string;
    /** Whether a grant counts: false once whoever gave it may not decide any longer. */
    readonly counts: boolean;
  }[];
  readonly approved_before: number;
  /** Where the payload holds recipients, amounts, currencies and subjects, as the tool's schema marks them; null is every item. */
  readonly highlights: readonly { readonly role: string; readonly steps: readonly (string | number | null)[] }[];
  /** The tool is not what it was when this was asked for, so approving it would lead to `definition_drift`. */
  readonly tool_changed: boolean;
  /** Members who may still decide it. */
  readonly deciders: readonly Decider[];
  /** Why this viewer may not decide it; null when they may. */
  readonly why_not: 'role' | 'requester' | 'decided' | 'settled' | null;
};

export type ApprovalFilters = PageInput & {
  readonly status?: ApprovalStatus | undefined;
  readonly tool?: string | undefined;
};

/** All but the envelope, which may have a megabyte: a list must not read a hundred of them. */
const COLUMNS = [
  'a.id',
  'a.execution_id',
  'a.policy',
  'a.policy_rule',
  'a.payload_sha256',
  'a.definition_sha256',
  'a.tool_id',
  'a.tool_name',
  'a.effect',
  'a.principal_kind',
  'a.principal_id',
  'a.requester_user_ids',
  'a.execute_on_approval',
  'a.created_at',
  'a.expires_at',
  'a.decided_at',
  'a.consumed_at',
] as const;

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
    .where('a.tenant_id', '=', tx.tenantId)
    .select(COLUMNS)
    .select(PRESENT_STATUS.as('status'))
    .select(['e.status as execution_status', 'e.code as execution_code', 'e.detail as execution_detail'])
    .select((eb) => eb.fn.coalesce('c.name', 'u.name').as('principal_name'))
    .select([GRANT_NOW.as('grant'), GRANTED_VOTES.as('granted_votes')]);
  if (viewer.kind === 'client') query = query.where('a.principal_id', '=', viewer.clientId);
  else if (viewer.role === 'member') {
    query = query.where((eb) => eb.or([eb('a.principal_id', '=', viewer.userId), mayLookAt(viewer.userId)]));
  }
  return query;
}

type Row = Awaited<ReturnType<ReturnType<typeof visible>['executeTakeFirstOrThrow']>>;

/** What a plain member sees beside their own requests: what a grant names them for now, and what they decided. */
function mayLookAt(userId: string): RawBuilder<boolean> {
  return sql`(exists (select from grants g where a.principal_kind = 'client' and g.tenant_id = a.tenant_id
      and g.client_id = a.principal_id and g.tool_id = a.tool_id and ${userId} = any(g.approver_user_ids))
    or exists (select from approval_decisions d where d.tenant_id = a.tenant_id and d.approval_id = a.id
      and d.user_id = ${userId}))`;
}

function whyNot(row: Row, viewer: Viewer): ApprovalDetail['why_not'] {
  if (viewer.kind === 'client') return 'role';
  const refused = whyNotDecide(viewer, row);
  if (refused !== null) return refused;
  if (row.granted_votes.some(({ userId }) => userId === viewer.userId)) return 'decided';
  return row.status === 'pending' ? null : 'settled';
}

/** Of an approval that was granted all the votes it needed counted, whatever became of its voters. */
function countVotes(row: Row): number {
  if (row.status === 'approved' || row.status === 'consumed') return votesNeeded(row.policy);
  return votesThatCount(row.granted_votes, row).length;
}

function view(row: Row, viewer: Viewer): ApprovalView {
  return {
    id: row.id,
    status: row.status,
    policy: row.policy,
    policy_rule: row.policy_rule,
    tool: { id: row.tool_id, name: row.tool_name, effect: row.effect },
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    execution: { id: row.execution_id, status: row.execution_status, code: row.execution_code },
    payload_sha256: row.payload_sha256,
    execute_on_approval: row.execute_on_approval,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    decided_at: row.decided_at?.toISOString() ?? null,
    consumed_at: row.consumed_at?.toISOString() ?? null,
    votes: countVotes(row),
    votes_needed: votesNeeded(row.policy),
    cancelled_because: row.status === 'cancelled' ? row.execution_detail : null,
    may_decide: whyNot(row, viewer) === null,
  };
}

/** A page of approvals, newest first, as far as the viewer may see them. */
export function listApprovals(tx: TenantTx, viewer: Viewer, filters: ApprovalFilters): Promise<Page<ApprovalView>> {
  let query = visible(tx, viewer);
  if (filters.status !== undefined) query = query.where(hasPresentStatus(filters.status));
  if (filters.tool !== undefined) query = query.where('a.tool_name', '=', filters.tool);
  return pagedList(query, 'a.id', filters, (row) => view(row, viewer));
}

/** One approval in full, or undefined when there is none that this viewer may see. */
export async function readApproval(tx: TenantTx, viewer: Viewer, id: string): Promise<ApprovalDetail | undefined> {
  const row = await visible(tx, viewer).where('a.id', '=', id).select('a.envelope').executeTakeFirst();
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
  return {
    ...view(row, viewer),
    envelope: row.envelope,
    input_schema: tool.input_schema,
    tool_description: tool.description,
    call: tool.definition_sha256 === row.definition_sha256 ? await describePinned(tx, row.tool_id, row.envelope) : null,
    decisions: decisions.map(({ created_at, ...rest }) => ({
      ...rest,
      at: created_at.toISOString(),
      counts: row.status !== 'pending' || counting.has(rest.user_id),
    })),
    approved_before: Number(before.count),
    highlights: readAnnotations(tool.input_schema).map(({ role, steps }) => ({ role, steps })),
    tool_changed: tool.definition_sha256 !== row.definition_sha256,
    deciders: viewer.kind === 'client' || row.status !== 'pending' ? [] : await readDeciders(tx, row, voters),
    why_not: whyNot(row, viewer),
  };
}
