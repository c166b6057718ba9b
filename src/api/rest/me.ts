import { z } from 'zod';
import { endSessions, listSessions, sessionView } from '../../identity/own-sessions.ts';
import { may, PERMISSIONS, type Permission } from '../../identity/permissions.ts';
import { chooseWorkspace, type Membership, type Person } from '../../identity/person.ts';
import { rememberWorkspace } from '../../identity/workspaces/remember.ts';
import { problem } from '../../kernel/codes.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { memberActor } from '../mount.ts';
import { personRoute, type Route } from '../route.ts';
import { nothingOf } from './answers.ts';

const membershipView = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  role: z.enum(['owner', 'admin', 'member', 'viewer']),
  permissions: z.array(z.string()),
});
const meView = z.object({
  user: z.object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    must_change_password: z.boolean().describe('Others know the password: until it is changed, it opens only this.'),
  }),
  workspaces: z.array(membershipView).describe('The one used last comes first: it is the default.'),
});

function viewMe(
  { userId, name, email, mustChangePassword }: Person,
  memberships: readonly Membership[],
): z.infer<typeof meView> {
  return {
    user: { id: userId, name, email, must_change_password: mustChangePassword },
    workspaces: memberships.map((one) => ({
      id: uuidToId('org', one.tenantId),
      slug: one.slug,
      name: one.name,
      role: one.role,
      permissions: Object.keys(PERMISSIONS).filter((permission) => may(one.role, permission as Permission)),
    })),
  };
}

const useWorkspaceInput = z.strictObject({
  workspace: z
    .string({ error: "write a workspace's slug or id" })
    .min(1, 'must not be empty')
    .max(64, 'at most 64 characters'),
});

export const meRoutes: Route[] = [
  personRoute({
    method: 'get',
    path: '/v1/me',
    summary: 'Who is signed in, their workspaces, and what they may do in each',
    tag: 'Workspace',
    permission: 'signed-in',
    response: { status: 200, schema: meView },
    person: async ({ person, memberships }) => ({ body: viewMe(person, memberships) }),
  }),
  personRoute({
    method: 'put',
    path: '/v1/me/workspace',
    summary: 'Make a workspace the default of the person signed in',
    tag: 'Workspace',
    permission: 'signed-in',
    body: useWorkspaceInput,
    response: { status: 204 },
    person: async ({ person, memberships, body, request, transact }) => {
      const chosen = chooseWorkspace(memberships, body.workspace);
      if (chosen === undefined) return problem('not_found', 'You are not a member of a workspace by that name.');
      return transact(chosen.tenantId, async (tx) => {
        // It is the default already.
        if (chosen !== memberships[0]) await rememberWorkspace({ tx, actor: memberActor(person, request) });
        return {};
      });
    },
  }),
  personRoute({
    method: 'get',
    path: '/v1/me/sessions',
    summary: 'The sign-ins of the person signed in that have not ended',
    tag: 'Workspace',
    permission: 'signed-in',
    response: { status: 200, schema: z.object({ items: z.array(sessionView) }) },
    person: async ({ app, person }) => ({ body: { items: await listSessions(app.store, person) } }),
  }),
  personRoute({
    method: 'delete',
    path: '/v1/me/sessions',
    summary: 'End one sign-in, or every other one',
    tag: 'Workspace',
    permission: 'signed-in',
    query: z.strictObject({
      id: z.uuid("write a sign-in's id, as GET /v1/me/sessions lists it; leave it out for all others").optional(),
    }),
    response: { status: 204 },
    person: async ({ app, person, query, request }) =>
      nothingOf(await endSessions(app.store, person, request.ip, query.id)),
  }),
];
