import { pageSchema } from '../../kernel/page.ts';
import { createToken } from '../../registry/tokens/create.ts';
import { listTokens } from '../../registry/tokens/read.ts';
import { revokeToken } from '../../registry/tokens/revoke.ts';
import { rotateToken } from '../../registry/tokens/rotate.ts';
import {
  createdTokenView,
  createTokenInput,
  listTokensQuery,
  rotateTokenInput,
  tokenView,
} from '../../registry/tokens/schemas.ts';
import { type Route, route } from '../route.ts';
import { bodyOf, nothingOf } from './answers.ts';

const tag = 'Tokens';
const ofClient = { id: 'client' } as const;
const oneOfClient = { id: 'client', token_id: 'token' } as const;

export const tokenRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/clients/{id}/tokens',
    summary: 'The tokens of a client, without their secrets',
    tag,
    permission: 'clients.read',
    params: ofClient,
    query: listTokensQuery,
    response: { status: 200, schema: pageSchema(tokenView) },
    handle: async ({ tx, params, query }) => ({ body: await listTokens(tx, { ...query, clientId: params.id! }) }),
  }),
  route({
    method: 'post',
    path: '/v1/clients/{id}/tokens',
    summary: 'Make a token, which only this answer holds',
    tag,
    permission: 'tokens.manage',
    params: ofClient,
    body: createTokenInput,
    response: { status: 201, schema: createdTokenView },
    handle: async ({ tx, caller, params, body }) =>
      bodyOf(await createToken({ tx, actor: caller.actor }, { ...body, clientId: params.id! })),
  }),
  route({
    method: 'post',
    path: '/v1/clients/{id}/tokens/{token_id}/rotate',
    summary: 'Replace a token, with a time in which both work',
    tag,
    permission: 'tokens.manage',
    params: oneOfClient,
    body: rotateTokenInput,
    response: { status: 201, schema: createdTokenView },
    handle: async ({ tx, caller, params, body }) =>
      bodyOf(await rotateToken({ tx, actor: caller.actor }, { ...body, clientId: params.id!, id: params.token_id! })),
  }),
  route({
    method: 'delete',
    path: '/v1/clients/{id}/tokens/{token_id}',
    summary: 'Revoke a token at once',
    tag,
    permission: 'tokens.manage',
    params: oneOfClient,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await revokeToken({ tx, actor: caller.actor }, { clientId: params.id!, id: params.token_id! })),
  }),
];
