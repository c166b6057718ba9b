import { z } from 'zod';
import { cancelApproval } from '../../governance/approvals/cancel.ts';
import { countWaiting } from '../../governance/approvals/count.ts';
import { type Decided, decideApproval } from '../../governance/approvals/decide.ts';
import { listApprovals, readApproval } from '../../governance/approvals/read.ts';
import { decisionInput, denyManyInput, listApprovalsQuery } from '../../governance/approvals/schemas.ts';
import type { Viewer } from '../../governance/approvals/views.ts';
import { withdrawDecision } from '../../governance/approvals/withdraw.ts';
import { deny, isRefused, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { APPROVAL_STATES, APPROVAL_STATUSES } from '../../kernel/statuses.ts';
import { noteRefusal } from '../refused.ts';
import { type Caller, openRoute, type Route, route } from '../route.ts';
import { bodyOf } from './answers.ts';

const approval = z.looseObject({
  id: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  state: z.enum(APPROVAL_STATES),
  summary: z.string().describe("What it would do, in one line: an agent's text."),
  subject: z.object({
    recipients: z.array(z.string()),
    recipient_count: z.int(),
    amount: z.string().nullable(),
    title: z.string().nullable(),
  }),
  suspicious: z.boolean().describe('The payload has characters that cannot be seen or that pass for others.'),
  obstacle: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('Why it would be refused if it were made now.'),
  signed_by: z.array(z.object({ user_id: z.string(), name: z.string() })),
  policy: z.enum(['approve', 'approve-dual']),
  payload_sha256: z.string(),
  expires_at: z.string(),
});

export const waitingSchema = z.object({
  decidable: z.int().describe('What you can decide now, and that can still succeed.'),
  pending: z.int().describe('Everything you see that waits. Counting stops at 10000.'),
  next_change_at: z.string().nullable().describe('When the first of these expires.'),
  soonest: z.array(approval).describe('Of what you can decide, the three that expire first.'),
});

const denied = z.union([
  z.object({ id: z.string(), status: z.literal('denied') }),
  z.object({ id: z.string(), code: z.string(), detail: z.string() }),
]);

export function viewerOf(caller: Caller): Viewer {
  return caller.kind === 'client'
    ? { kind: 'client', clientId: caller.clientId }
    : { kind: 'member', userId: caller.userId, role: caller.role };
}

/** What a decision of one approval is about, for the entry of a refused one. */
const DECIDES: Route['params'] = { id: 'approval' };

const denyMany: Route = openRoute({
  method: 'post',
  path: '/v1/approvals/deny',
  summary: 'Deny several approvals with one reason, each by the hash that was displayed',
  tag: 'Approvals',
  permission: 'approvals.decide',
  body: denyManyInput,
  lock: 'none',
  response: {
    status: 200,
    schema: z.object({ items: z.array(denied) }),
    description: 'What became of each. One that is refused does not stop the others.',
  },
  async open({ app, tenantId, caller, body: { items, reason }, transact }) {
    if (caller.kind !== 'member') return problem('forbidden', 'People decide approvals.');
    const results: object[] = [];
    for (const { id, payload_sha256 } of items) {
      let verdict: Decided | Refusal | Problem | undefined;
      const decided = await transact(async (tx, { actor }) => {
        verdict = await decideApproval({ tx, actor, userId: actor.id }, id, {
          decision: 'denied',
          reason,
          payload_sha256,
        });
        return verdict;
      });
      // Whoever may not ask at all any more is told so, and of what was done before.
      if (isRefused(decided) && verdict === undefined && results.length === 0) return decided;
      if (!isRefused(decided)) results.push({ id, status: decided.status });
      else {
        results.push({ id, code: decided.code, detail: decided.detail });
        const { actor } = caller;
        const about = { ...denyMany, params: DECIDES };
        if (decided.code !== 'approval_not_found')
          await noteRefusal(app, about, { tenantId, actor, params: { id } }, decided);
      }
    }
    return { body: { items: results } };
  },
});

export const approvalRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/approvals',
    summary: 'List approvals, newest first or soonest to expire first',
    tag: 'Approvals',
    permission: 'approvals.read',
    clients: true,
    query: listApprovalsQuery,
    settled: true,
    response: { status: 200, schema: pageSchema(approval) },
    async handle({ tx, caller, query: { decidable, mine, ...query } }) {
      const filters = { ...query, decidable: decidable !== undefined, mine: mine !== undefined };
      return { body: await listApprovals(tx, viewerOf(caller), filters) };
    },
  }),
  // Before the path with an id, which would take its name for one.
  route({
    method: 'get',
    path: '/v1/approvals/count',
    summary: 'How many approvals wait, and how many of them you can decide',
    tag: 'Approvals',
    permission: 'approvals.read',
    response: { status: 200, schema: waitingSchema },
    handle: async ({ tx, caller }) => ({ body: await countWaiting(tx, viewerOf(caller)) }),
  }),
  route({
    method: 'get',
    path: '/v1/approvals/{id}',
    summary: 'Read one approval with the exact pinned bytes',
    tag: 'Approvals',
    permission: 'approvals.read',
    clients: true,
    params: { id: 'approval' },
    settled: true,
    response: { status: 200, schema: approval },
    async handle({ tx, caller, params }) {
      const found = await readApproval(tx, viewerOf(caller), params.id!);
      return found === undefined ? deny('approval_not_found') : { body: found };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/approvals/{id}/decisions',
    summary: 'Grant or deny an approval, by the hash that was displayed',
    tag: 'Approvals',
    permission: 'approvals.decide',
    params: { id: 'approval' },
    body: decisionInput,
    lock: 'none',
    response: {
      status: 200,
      schema: z.object({ status: z.string(), votes: z.number(), votes_needed: z.number() }),
    },
    async open({ app, tenantId, caller, params, body, transact }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People decide approvals.');
      const id = params.id!;
      const decided = await transact((tx, { actor }) => decideApproval({ tx, actor, userId: actor.id }, id, body));
      if (isRefused(decided)) return decided;
      if (decided.executeNow) {
        // The decision stands whatever comes of the call; its outcome is in the log.
        void app.gateway.executeApproved(tenantId, id).catch((fault) => {
          app.log.error({ approvalId: id, err: fault }, 'an approved call could not be executed');
        });
      }
      return { body: { status: decided.status, votes: decided.votes, votes_needed: decided.votesNeeded } };
    },
  }),
  denyMany,
  route({
    method: 'delete',
    path: '/v1/approvals/{id}/decisions/mine',
    summary: 'Take back the own signature while the approval waits for another',
    tag: 'Approvals',
    permission: 'approvals.decide',
    params: { id: 'approval' },
    lock: 'none',
    response: {
      status: 200,
      schema: z.object({ status: z.literal('pending'), votes: z.number(), votes_needed: z.number() }),
    },
    async handle({ tx, caller, params }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People decide approvals.');
      const { actor, userId, role } = caller;
      return bodyOf(await withdrawDecision({ tx, actor, userId, role }, params.id!));
    },
  }),
  route({
    method: 'delete',
    path: '/v1/approvals/{id}',
    summary: 'Take back a request that nobody has decided',
    tag: 'Approvals',
    permission: 'approvals.cancel',
    clients: true,
    params: { id: 'approval' },
    lock: 'none',
    response: { status: 200, schema: z.object({ status: z.literal('cancelled') }) },
    async handle({ tx, caller, params }) {
      const principal =
        caller.kind === 'client'
          ? { kind: 'client' as const, id: caller.clientId }
          : { kind: 'member' as const, id: caller.userId };
      const cancelled = await cancelApproval({ tx, actor: caller.actor, principal }, params.id!);
      return isRefused(cancelled) ? cancelled : { body: cancelled };
    },
  }),
];
