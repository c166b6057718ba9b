import { isRefused, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { pageSchema } from '../../kernel/page.ts';
import { sealKept } from '../../notify/secrets.ts';
import { createEndpoint } from '../../notify/webhooks/create.ts';
import { findDelivery, listDeliveries } from '../../notify/webhooks/deliveries.ts';
import { findEndpoint, listEndpoints } from '../../notify/webhooks/read.ts';
import { removeEndpoint } from '../../notify/webhooks/remove.ts';
import { nextSecretNumber, rotateSecret } from '../../notify/webhooks/rotate.ts';
import {
  type CreatedEndpointView,
  createdEndpointView,
  createEndpointInput,
  deliveryDetail,
  deliveryView,
  type EndpointView,
  endpointView,
  listDeliveriesQuery,
  listEndpointsQuery,
  updateEndpointInput,
} from '../../notify/webhooks/schemas.ts';
import { ping, sendAgain } from '../../notify/webhooks/send-again.ts';
import { newSigningSecret } from '../../notify/webhooks/signature.ts';
import { updateEndpoint } from '../../notify/webhooks/update.ts';
import { openRoute, type Route, route } from '../route.ts';
import { bodyOf, foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Webhooks';

/** The answer that shows a secret, which no other does. */
function withSecret(made: EndpointView | Problem | Refusal, secret: string) {
  if (isRefused(made)) return made;
  const shown: CreatedEndpointView = { ...made, secret };
  return versioned(shown);
}

const params = { id: 'webhook' } as const;
const ofDelivery = { id: 'webhook', delivery: 'delivery' } as const;

export const webhookRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/webhooks',
    summary: 'The webhooks of the workspace, without their secrets',
    tag,
    permission: 'webhooks.read',
    query: listEndpointsQuery,
    response: { status: 200, schema: pageSchema(endpointView) },
    handle: async ({ tx, query }) => ({ body: await listEndpoints(tx, query) }),
  }),
  // Encrypting may ask a key service, which no transaction waits for.
  openRoute({
    method: 'post',
    path: '/v1/webhooks',
    summary: 'Have events sent to an address; the answer has the secret that signs them, this once',
    tag,
    permission: 'webhooks.manage',
    body: createEndpointInput,
    response: { status: 201, schema: createdEndpointView },
    async open({ app, tenantId, body, transact }) {
      const id = newId('whk');
      const secret = newSigningSecret();
      const sealed = await sealKept(app.vault, tenantId, id, 1, secret);
      const made = await transact((tx, { actor }) =>
        createEndpoint({ tx, actor }, { ...body, id, sealed }, app.egress),
      );
      return withSecret(made, secret);
    },
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}',
    summary: 'One webhook',
    tag,
    permission: 'webhooks.read',
    params,
    response: { status: 200, schema: endpointView },
    handle: async ({ tx, params }) => foundOr(problem('not_found'), await findEndpoint(tx, params.id!)),
  }),
  route({
    method: 'patch',
    path: '/v1/webhooks/{id}',
    summary: "Change a webhook's address, events or description; disable it or enable it again",
    tag,
    permission: 'webhooks.manage',
    params,
    body: updateEndpointInput,
    response: { status: 200, schema: endpointView },
    handle: async ({ app, tx, caller, params, body, ifVersion }) =>
      versioned(await updateEndpoint({ tx, actor: caller.actor }, { ...body, id: params.id!, ifVersion }, app.egress)),
  }),
  route({
    method: 'delete',
    path: '/v1/webhooks/{id}',
    summary: 'Delete a webhook with its secret',
    tag,
    permission: 'webhooks.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params, ifVersion }) =>
      nothingOf(await removeEndpoint({ tx, actor: caller.actor }, { id: params.id!, ifVersion })),
  }),
  openRoute({
    method: 'post',
    path: '/v1/webhooks/{id}/rotate-secret',
    summary: 'Give a webhook a new secret; the old one signs beside it for 24 hours',
    tag,
    permission: 'webhooks.manage',
    params,
    response: { status: 200, schema: createdEndpointView },
    async open({ app, tenantId, params, ifVersion, look, transact }) {
      const id = params.id!;
      const next = await look(async (tx) => {
        const number = await nextSecretNumber(tx, id);
        return number === undefined ? problem('not_found') : { number };
      });
      if (isRefused(next)) return next;
      const { number } = next;
      const secret = newSigningSecret();
      const sealed = await sealKept(app.vault, tenantId, id, number, secret);
      const made = await transact((tx, { actor }) => rotateSecret({ tx, actor }, { id, number, sealed, ifVersion }));
      return withSecret(made, secret);
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/ping',
    summary: 'Send a webhook a test event',
    tag,
    permission: 'webhooks.manage',
    params,
    lock: 'none',
    response: { status: 202, schema: deliveryDetail },
    handle: async ({ tx, caller, params }) => bodyOf(await ping({ tx, actor: caller.actor }, params.id!)),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    summary: 'What was sent to a webhook, with every attempt, newest first',
    tag,
    permission: 'webhooks.read',
    params,
    query: listDeliveriesQuery,
    settled: true,
    response: { status: 200, schema: pageSchema(deliveryView) },
    handle: async ({ tx, params, query }) => ({ body: await listDeliveries(tx, params.id!, query) }),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries/{delivery}',
    summary: 'One delivery with the bytes that are sent',
    tag,
    permission: 'webhooks.read',
    params: ofDelivery,
    response: { status: 200, schema: deliveryDetail },
    async handle({ tx, params }) {
      const found = await findDelivery(tx, params.id!, params.delivery!);
      return found === undefined ? problem('not_found') : { body: found };
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{delivery}/resend',
    summary: 'Send a delivery again, as a new one that names its origin',
    tag,
    permission: 'webhooks.manage',
    params: ofDelivery,
    lock: 'none',
    response: { status: 202, schema: deliveryDetail },
    handle: async ({ tx, caller, params }) =>
      bodyOf(await sendAgain({ tx, actor: caller.actor }, params.id!, params.delivery!)),
  }),
];
