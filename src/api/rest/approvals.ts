import { z } from 'zod';
import { cancelApproval } from '../../governance/approvals/cancel.ts';
import { decideApproval } from '../../governance/approvals/decide.ts';
import { listApprovals, readApproval, type Viewer } from '../../governance/approvals/read.ts';
import { decisionInput } from '../../governance/approvals/schemas.ts';
import { withdrawDecision } from '../../governance/approvals/withdraw.ts';
import { deny, isRefused, problem } from '../../kernel/codes.ts';
import { filters, oneOf } from '../../kernel/filters.ts';
import { pageQuery, pageSchema } from '../../kernel/page.ts';
import { APPROVAL_STATUSES } from '../../kernel/statuses.ts';
import { type Caller, openRoute, type Route, route } from '../route.ts';
import { bodyOf } from './answers.ts';

const approval = z.looseObject({
  id: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  policy: z.enum(['approve', 'approve-dual']),
  payload_sha256: z.string(),
  expires_at: z.string(),
});

export function viewerOf(caller: Caller): Viewer {
  return caller.kind === 'client'
    ? { kind: 'client', clientId: caller.clientId }
    : { kind: 'member', userId: caller.userId, role: caller.role };
}

export const approvalRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/approvals',
    summary: 'List approvals, newest first',
    tag: 'Approvals',
    permission: 'approvals.read',
    clients: true,
    query: z.strictObject({
      ...pageQuery('apv'),
      status: oneOf(APPROVAL_STATUSES).optional(),
      tool: filters.tool,
    }),
    settled: true,
    response: { status: 200, schema: pageSchema(approval) },
    async handle({ tx, caller, query }) {
      return { body: await listApprovals(tx, viewerOf(caller), query) };
    },
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
