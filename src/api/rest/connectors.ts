import { isRefused, problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { createConnector } from '../../registry/connectors/create.ts';
import { findConnector, listConnectors } from '../../registry/connectors/read.ts';
import { revokeConnector } from '../../registry/connectors/revoke.ts';
import {
  connectorTestView,
  connectorView,
  createConnectorInput,
  listConnectorsQuery,
  updateConnectorInput,
} from '../../registry/connectors/schemas.ts';
import { tellTested } from '../../registry/connectors/tested.ts';
import { updateConnector } from '../../registry/connectors/update.ts';
import { openRoute, type Route, route } from '../route.ts';
import { foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Connectors';
/** Tries of connectors that a workspace may make in a minute. */
const TESTS_PER_MINUTE = 20;
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
  openRoute({
    method: 'post',
    path: '/v1/connectors/{id}/test',
    summary: 'Ask whether somebody answers where a connector leads; nothing is changed there',
    tag,
    permission: 'connectors.manage',
    params,
    metered: true,
    response: { status: 200, schema: connectorTestView },
    async open({ app, tenantId, params, look, transact }) {
      const { allowed, retryAfterSeconds } = await app.limiter.take(`connector-test ${tenantId}`, TESTS_PER_MINUTE);
      if (!allowed) return { ...problem('too_many_requests'), retryAfterSeconds };
      const connector = await look(async (tx) => (await findConnector(tx, params.id!)) ?? problem('not_found'));
      if (isRefused(connector)) return connector;
      if (connector.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
      const { id, kind, config } = connector;
      const probed = await app.gateway.probe({ tenantId, id, kind, config });
      const told = await transact(async (tx, { actor }) => {
        await tellTested({ tx, actor }, id, probed);
        return {};
      });
      if (isRefused(told)) return told;
      const { ok, detail, httpStatus } = probed;
      return { body: { ok, detail, http_status: httpStatus ?? null } };
    },
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
