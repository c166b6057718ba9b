import { inviteMember, type Made } from '../../identity/invitations/invite.ts';
import { listInvitations } from '../../identity/invitations/read.ts';
import { renewInvitation } from '../../identity/invitations/renew.ts';
import { revokeInvitation } from '../../identity/invitations/revoke.ts';
import {
  invitationView,
  inviteInput,
  listInvitationsQuery,
  madeInvitationView,
} from '../../identity/invitations/schemas.ts';
import { linkTo } from '../../identity/links/token.ts';
import { changeRole } from '../../identity/members/change-role.ts';
import { listMembers } from '../../identity/members/read.ts';
import { removeMember } from '../../identity/members/remove.ts';
import { changeRoleInput, listMembersQuery, memberView } from '../../identity/members/schemas.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import type { App } from '../app.ts';
import { type Reply, type RequestInfo, type Route, route } from '../route.ts';
import { bodyOf, nothingOf } from './answers.ts';

const tag = 'Members';
const params = { id: 'member' } as const;
const invitationParams = { id: 'invitation' } as const;
/** Links that one workspace makes in a minute. */
const INVITATIONS_PER_MINUTE = 60;

async function takeInvitation(app: App, tenantId: string): Promise<Problem | undefined> {
  const { allowed, retryAfterSeconds } = await app.limiter.take(`invite:${tenantId}`, INVITATIONS_PER_MINUTE);
  return allowed ? undefined : { ...problem('too_many_requests'), retryAfterSeconds };
}

/** The invitation with its link, in this one answer. */
function madeOf(made: Made | Problem, app: App, request: RequestInfo): Reply | Problem {
  if (isRefused(made)) return made;
  const publicUrl = app.settings.COUNTERSIGN_PUBLIC_URL ?? request.url.origin;
  return { body: { ...made.invitation, link: linkTo(publicUrl, 'join', made.token) } };
}

export const memberRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/members',
    summary: 'The members of the workspace and their roles',
    tag,
    permission: 'members.read',
    query: listMembersQuery,
    response: { status: 200, schema: pageSchema(memberView) },
    handle: async ({ tx, query }) => ({ body: await listMembers(tx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/members',
    summary: 'Invite a person by e-mail address',
    tag,
    permission: 'members.manage',
    body: inviteInput,
    response: {
      status: 201,
      schema: madeInvitationView,
      description: 'The invitation with its link, which is shown only now. Whoever receives it joins by accepting.',
    },
    handle: async ({ app, tx, tenantId, caller, body, request }) => {
      const refused = await takeInvitation(app, tenantId);
      return refused ?? madeOf(await inviteMember({ tx, actor: caller.actor }, body), app, request);
    },
  }),
  route({
    method: 'get',
    path: '/v1/members/invitations',
    summary: 'The invitations that are neither accepted nor taken back',
    tag,
    permission: 'members.manage',
    query: listInvitationsQuery,
    response: { status: 200, schema: pageSchema(invitationView) },
    handle: async ({ tx, query }) => ({ body: await listInvitations(tx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/members/invitations/{id}/renew',
    summary: 'Make a new link for an invitation; the old one is dead',
    tag,
    permission: 'members.manage',
    params: invitationParams,
    response: { status: 200, schema: madeInvitationView },
    handle: async ({ app, tx, tenantId, caller, params, request }) => {
      const refused = await takeInvitation(app, tenantId);
      return refused ?? madeOf(await renewInvitation({ tx, actor: caller.actor }, { id: params.id! }), app, request);
    },
  }),
  route({
    method: 'delete',
    path: '/v1/members/invitations/{id}',
    summary: 'Take an invitation back; its link is dead',
    tag,
    permission: 'members.manage',
    params: invitationParams,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await revokeInvitation({ tx, actor: caller.actor }, { id: params.id! })),
  }),
  route({
    method: 'patch',
    path: '/v1/members/{id}',
    summary: 'Give a member another role',
    tag,
    permission: 'members.manage',
    params,
    body: changeRoleInput,
    response: { status: 200, schema: memberView },
    handle: async ({ tx, caller, params, body }) => {
      return bodyOf(await changeRole({ tx, actor: caller.actor }, { userId: params.id!, role: body.role }));
    },
  }),
  route({
    method: 'delete',
    path: '/v1/members/{id}',
    summary: 'Take a person out of the workspace',
    tag,
    permission: 'members.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await removeMember({ tx, actor: caller.actor }, { userId: params.id! })),
  }),
];
