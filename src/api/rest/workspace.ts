import { memberView, transferOwnerInput } from '../../identity/members/schemas.ts';
import { transferOwner } from '../../identity/members/transfer-owner.ts';
import { getWorkspace } from '../../identity/workspaces/get.ts';
import { updateWorkspaceInput, workspaceView } from '../../identity/workspaces/schemas.ts';
import { updateWorkspace } from '../../identity/workspaces/update.ts';
import { type Route, route } from '../route.ts';
import { bodyOf } from './answers.ts';

const tag = 'Workspace';

export const workspaceRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/workspaces/current',
    summary: 'The workspace of this request and its settings',
    tag,
    permission: 'workspace.read',
    response: { status: 200, schema: workspaceView },
    handle: async ({ tx }) => ({ body: await getWorkspace(tx) }),
  }),
  route({
    method: 'patch',
    path: '/v1/workspaces/current',
    summary: "Change the workspace's name or how long approvals wait",
    tag,
    permission: 'workspace.update',
    body: updateWorkspaceInput,
    response: { status: 200, schema: workspaceView },
    handle: async ({ tx, caller, body }) => ({ body: await updateWorkspace({ tx, actor: caller.actor }, body) }),
  }),
  route({
    method: 'post',
    path: '/v1/workspaces/current/owner',
    summary: 'Hand the ownership to another member',
    tag,
    permission: 'owner.transfer',
    body: transferOwnerInput,
    response: { status: 200, schema: memberView },
    handle: async ({ tx, caller, body }) =>
      bodyOf(await transferOwner({ tx, actor: caller.actor }, { userId: body.user_id })),
  }),
];
