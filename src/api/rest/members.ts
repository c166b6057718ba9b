import { addMember } from '../../identity/members/add.ts';
import { changeRole } from '../../identity/members/change-role.ts';
import { listMembers } from '../../identity/members/read.ts';
import { removeMember } from '../../identity/members/remove.ts';
import {
  addedMemberView,
  addMemberInput,
  changeRoleInput,
  listMembersQuery,
  memberView,
} from '../../identity/members/schemas.ts';
import { newInitialPassword } from '../../identity/users.ts';
import { pageSchema } from '../../kernel/page.ts';
import { openRoute, type Route, route } from '../route.ts';
import { bodyOf, nothingOf } from './answers.ts';

const tag = 'Members';
const params = { id: 'member' } as const;

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
  // Open, because hashing a password takes longer than a transaction should.
  openRoute({
    method: 'post',
    path: '/v1/members',
    summary: 'Add a person by e-mail address',
    tag,
    permission: 'members.manage',
    body: addMemberInput,
    response: { status: 201, schema: addedMemberView },
    open: async ({ transact, body }) => {
      const initial = await newInitialPassword();
      return bodyOf(await transact((tx, { actor }) => addMember({ tx, actor }, body, initial)));
    },
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
