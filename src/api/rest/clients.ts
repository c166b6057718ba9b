import { problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { createClient } from '../../registry/clients/create.ts';
import { findClient, listClients } from '../../registry/clients/read.ts';
import { revokeClient } from '../../registry/clients/revoke.ts';
import {
  clientUsageView,
  clientView,
  createClientInput,
  listClientsQuery,
  updateClientInput,
} from '../../registry/clients/schemas.ts';
import { updateClient } from '../../registry/clients/update.ts';
import { clientUsage } from '../../registry/clients/usage.ts';
import { type Route, route } from '../route.ts';
import { bodyOf, foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Clients';
const params = { id: 'client' } as const;

export const clientRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/clients',
    summary: 'The integration clients of the workspace',
    tag,
    permission: 'clients.read',
    query: listClientsQuery,
    response: { status: 200, schema: pageSchema(clientView) },
    handle: async ({ tx, query }) => ({ body: await listClients(tx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/clients',
    summary: 'Register an external agent',
    tag,
    permission: 'clients.manage',
    body: createClientInput,
    response: { status: 201, schema: clientView },
    handle: async ({ tx, caller, body }) => versioned(await createClient({ tx, actor: caller.actor }, body)),
  }),
  route({
    method: 'get',
    path: '/v1/clients/{id}',
    summary: 'One integration client',
    tag,
    permission: 'clients.read',
    params,
    response: { status: 200, schema: clientView },
    handle: async ({ tx, params }) => foundOr(problem('not_found'), await findClient(tx, params.id!)),
  }),
  route({
    method: 'patch',
    path: '/v1/clients/{id}',
    summary: 'Change a client',
    tag,
    permission: 'clients.manage',
    params,
    body: updateClientInput,
    response: { status: 200, schema: clientView },
    handle: async ({ tx, caller, params, body, ifVersion }) =>
      versioned(await updateClient({ tx, actor: caller.actor }, { ...body, id: params.id!, ifVersion })),
  }),
  route({
    method: 'delete',
    path: '/v1/clients/{id}',
    summary: 'Revoke a client and all its tokens, for good',
    tag,
    permission: 'clients.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await revokeClient({ tx, actor: caller.actor }, { id: params.id! })),
  }),
  route({
    method: 'get',
    path: '/v1/clients/{id}/usage',
    summary: 'What a client did in the last 24 hours and 30 days',
    tag,
    permission: 'clients.read',
    params,
    settled: true,
    response: { status: 200, schema: clientUsageView },
    handle: async ({ tx, params }) => bodyOf(await clientUsage(tx, { id: params.id! })),
  }),
];
