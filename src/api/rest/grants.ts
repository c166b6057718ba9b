import { checkRules } from '../../governance/policies/check.ts';
import { pageSchema } from '../../kernel/page.ts';
import { createGrant } from '../../registry/grants/create.ts';
import { listGrants } from '../../registry/grants/read.ts';
import { removeGrant } from '../../registry/grants/remove.ts';
import {
  changedGrantView,
  createGrantInput,
  grantView,
  listGrantsQuery,
  updateGrantInput,
} from '../../registry/grants/schemas.ts';
import { updateGrant } from '../../registry/grants/update.ts';
import { type Route, route } from '../route.ts';
import { nothingOf, versioned } from './answers.ts';

const tag = 'Grants';
const ofClient = { id: 'client' } as const;
const oneOfClient = { id: 'client', grant_id: 'grant' } as const;

export const grantRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/clients/{id}/grants',
    summary: 'What a client may call, and under which policy',
    tag,
    permission: 'grants.read',
    params: ofClient,
    query: listGrantsQuery,
    response: { status: 200, schema: pageSchema(grantView) },
    handle: async ({ tx, params, query }) => ({ body: await listGrants(tx, { ...query, clientId: params.id! }) }),
  }),
  route({
    method: 'post',
    path: '/v1/clients/{id}/grants',
    summary: 'Let a client call a tool',
    tag,
    permission: 'grants.manage',
    params: ofClient,
    body: createGrantInput,
    response: { status: 201, schema: changedGrantView },
    handle: async ({ tx, caller, params, body }) =>
      versioned(await createGrant({ tx, actor: caller.actor }, { ...body, clientId: params.id! }, checkRules)),
  }),
  route({
    method: 'patch',
    path: '/v1/clients/{id}/grants/{grant_id}',
    summary: "Change a grant's policy, rules or approvers",
    tag,
    permission: 'grants.manage',
    params: oneOfClient,
    body: updateGrantInput,
    response: { status: 200, schema: changedGrantView },
    handle: async ({ tx, caller, params, body, ifVersion }) =>
      versioned(
        await updateGrant(
          { tx, actor: caller.actor },
          { ...body, clientId: params.id!, id: params.grant_id!, ifVersion },
          checkRules,
        ),
      ),
  }),
  route({
    method: 'delete',
    path: '/v1/clients/{id}/grants/{grant_id}',
    summary: 'Take a grant back',
    tag,
    permission: 'grants.manage',
    params: oneOfClient,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await removeGrant({ tx, actor: caller.actor }, { clientId: params.id!, id: params.grant_id! })),
  }),
];
