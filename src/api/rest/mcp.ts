import { z } from 'zod';
import { isRefused, problem } from '../../kernel/codes.ts';
import { findConnector } from '../../registry/connectors/read.ts';
import { acceptDrift, acceptOffer } from '../../registry/mcp/accept.ts';
import { judge, offerOf } from '../../registry/mcp/offer.ts';
import { driftOf, findKnown, knownOf, resourcesElsewhere, takenNames } from '../../registry/mcp/read.ts';
import { acceptDriftInput, acceptedView, acceptInput, driftView, offerView } from '../../registry/mcp/schemas.ts';
import { toolView } from '../../registry/tools/schemas.ts';
import type { App } from '../app.ts';
import { type Caller, openRoute, type Route, route, type Transact } from '../route.ts';
import { bodyOf, versioned } from './answers.ts';

const tag = 'MCP servers';

/** How often a minute the servers of one workspace may be asked what they have. */
const DISCOVER_PER_MINUTE = 30;

async function discover(app: App, tenantId: string, connectorId: string, caller: Caller, look: Transact) {
  if (caller.kind !== 'member') return problem('forbidden');
  // Whoever lost their standing while they asked has nothing called for them.
  const connector = await look(async (tx) => (await findConnector(tx, connectorId)) ?? problem('not_found'));
  if (isRefused(connector)) return connector;
  const taken = app.limiter.takeHere(`discover:${tenantId}`, DISCOVER_PER_MINUTE);
  if (!taken.allowed) {
    const { retryAfterSeconds } = taken;
    return { ...problem('too_many_requests', 'MCP servers are asked what they have too often.'), retryAfterSeconds };
  }
  const discovered = await app.gateway.discover({ tenantId, connectorId });
  return isRefused(discovered) ? discovered : { discovered, judged: await judge(discovered) };
}

export const mcpRoutes: Route[] = [
  openRoute({
    method: 'post',
    path: '/v1/connectors/{id}/mcp/discover',
    summary: 'Ask an MCP server what it has, beside what of it was accepted',
    tag,
    permission: 'connectors.manage',
    params: { id: 'connector' },
    body: z.strictObject({}),
    response: { status: 200, schema: offerView },
    async open({ app, tenantId, caller, params, look }) {
      const id = params.id!;
      const found = await discover(app, tenantId, id, caller, look);
      if (isRefused(found)) return found;
      return look(async (tx) => {
        const connector = await findConnector(tx, id);
        if (connector === undefined) return problem('not_found');
        const here = {
          connectorName: connector.name,
          known: await knownOf(tx, id),
          taken: await takenNames(tx),
          elsewhere: await resourcesElsewhere(tx, id),
          judged: found.judged,
        };
        return { body: offerOf(found.discovered, here) };
      });
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/connectors/{id}/mcp/accept',
    summary: 'Take over what was discovered of an MCP server, by the hash over each definition',
    tag,
    permission: 'tools.manage',
    params: { id: 'connector' },
    body: acceptInput,
    response: { status: 200, schema: acceptedView },
    async open({ app, tenantId, caller, params, body, look, transact }) {
      const found = await discover(app, tenantId, params.id!, caller, look);
      if (isRefused(found)) return found;
      const { discovered, judged } = found;
      return transact(async (tx, { actor }) =>
        bodyOf(await acceptOffer({ tx, actor }, params.id!, body, discovered, judged)),
      );
    },
  }),
  route({
    method: 'get',
    path: '/v1/tools/{id}/drift',
    summary: "What was accepted of an MCP server's tool, and what the server says of it now",
    tag,
    permission: 'tools.read',
    params: { id: 'tool' },
    response: { status: 200, schema: driftView },
    async handle({ tx, params }) {
      const known = await findKnown(tx, params.id!);
      return known === undefined
        ? problem('not_found', 'It is no tool of an MCP server that is in use.')
        : { body: driftOf(known) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/tools/{id}/accept-drift',
    summary: 'Accept what an MCP server says of its tool now, and let it be called again',
    tag,
    permission: 'tools.manage',
    params: { id: 'tool' },
    body: acceptDriftInput,
    response: { status: 200, schema: toolView },
    handle: async ({ tx, caller, params, body }) =>
      versioned(await acceptDrift({ tx, actor: caller.actor }, params.id!, body.pin)),
  }),
];
