import { problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { createConnector } from '../../registry/connectors/create.ts';
import { findConnector, listConnectors } from '../../registry/connectors/read.ts';
import { revokeConnector } from '../../registry/connectors/revoke.ts';
import {
  connectorView,
  createConnectorInput,
  listConnectorsQuery,
  updateConnectorInput,
} from '../../registry/connectors/schemas.ts';
import { updateConnector } from '../../registry/connectors/update.ts';
import { type Route, route } from '../route.ts';
import { foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Connectors';
const params = { id: 'connector' } as const;

export const connectorRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/connectors',
    summary: 'The connectors of the workspace',
    tag,
    permission: 'connectors.read',
    query: listConnectorsQuery,
    response: { status: 200, schema: pageSchema(connectorView) },
    handle: async ({ tx, query }) => ({ body: await listConnectors(tx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/connectors',
    summary: 'Authorize a link to an outside system',
    tag,
    permission: 'connectors.manage',
    body: createConnectorInput,
    response: { status: 201, schema: connectorView },
    handle: async ({ app, tx, caller, body }) =>
      versioned(await createConnector({ tx, actor: caller.actor }, body, app.egress)),
  }),
  route({
    method: 'get',
    path: '/v1/connectors/{id}',
    summary: 'One connector',
    tag,
    permission: 'connectors.read',
    params,
    response: { status: 200, schema: connectorView },
    handle: async ({ tx, params }) => foundOr(problem('not_found'), await findConnector(tx, params.id!)),
  }),
  route({
    method: 'patch',
    path: '/v1/connectors/{id}',
    summary: "Change a connector's name or target",
    tag,
    permission: 'connectors.manage',
    params,
    body: updateConnectorInput,
    response: { status: 200, schema: connectorView },
    handle: async ({ app, tx, caller, params, body, ifVersion }) =>
      versioned(await updateConnector({ tx, actor: caller.actor }, { ...body, id: params.id!, ifVersion }, app.egress)),
  }),
  route({
    method: 'delete',
    path: '/v1/connectors/{id}',
    summary: 'Revoke a connector, for good',
    tag,
    permission: 'connectors.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await revokeConnector({ tx, actor: caller.actor }, { id: params.id! })),
  }),
];
