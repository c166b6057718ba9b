import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { begin, prepareBeginning } from '../../registry/authorizations/begin.ts';
import { tokensBound } from '../../registry/authorizations/binding.ts';
import { endAuthorization } from '../../registry/authorizations/end.ts';
import { authorize, nextNumber, sealTokens, takeBegun, tokensFor } from '../../registry/authorizations/finish.ts';
import { ProviderFault, type Reach, revokeToken } from '../../registry/authorizations/provider.ts';
import { findAuthorization, findAuthorized, readAuthorization } from '../../registry/authorizations/read.ts';
import { authorizationView, begunView, finishInput } from '../../registry/authorizations/schemas.ts';
import { KeyServiceFault } from '../../vault/aws-kms.ts';
import type { App } from '../app.ts';
import { type Caller, openRoute, type Route, route } from '../route.ts';
import { nothingOf } from './answers.ts';

const tag = 'Connectors';
const params = { id: 'connector' } as const;
/** The page that providers send browsers back to (dashboard/src/pages/authorized). */
const CALLBACK = '/authorized';

const NO_PROVIDER = problem('conflict', 'The connector has no authorization in its config, or is revoked.');

export const authorizationRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/connectors/{id}/authorization',
    summary: 'What a connector is authorized to do at its provider',
    tag,
    permission: 'connectors.read',
    params,
    response: { status: 200, schema: authorizationView },
    async handle({ app, tx, params }) {
      const view = await findAuthorization(tx, params.id!, redirectUri(app));
      return view === undefined ? problem('not_found') : { body: view };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/connectors/{id}/authorization',
    summary: 'Begin to authorize a connector: where the browser goes, and comes back from within ten minutes',
    tag,
    permission: 'connectors.manage',
    params,
    response: { status: 201, schema: begunView },
    async open({ app, request, params, look, transact }) {
      const authorized = await look(async (tx) => (await findAuthorized(tx, params.id!)) ?? NO_PROVIDER);
      if (isRefused(authorized)) return authorized;
      const beginning = await unlessAway(app, request.requestId, () => prepareBeginning(app.vault, authorized));
      if (isRefused(beginning)) return beginning;
      const begun = await transact((tx, caller) =>
        begin(tx, beginning, { sessionId: sessionOf(caller), redirectUri: redirectUri(app) }),
      );
      return isRefused(begun) ? begun : { body: begun };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/connectors/authorizations',
    summary: 'Finish what was begun in this browser, with what the provider sent it back with',
    tag,
    permission: 'connectors.manage',
    body: finishInput,
    response: { status: 200, schema: authorizationView },
    async open({ app, request, body, look, transact }) {
      const returned = await transact((tx, caller) =>
        takeBegun(tx, { state: body.state, sessionId: sessionOf(caller) }),
      );
      if (isRefused(returned)) return returned;
      const tokens = await unlessAway(app, request.requestId, () => tokensFor(app, returned, body));
      if (isRefused(tokens)) return tokens;
      const { authorized } = returned;
      for (let tries = 1; ; tries += 1) {
        const number = await look((tx) => nextNumber(tx, authorized.connectorId));
        if (isRefused(number)) return number;
        const sealed = await unlessAway(app, request.requestId, () => sealTokens(app, authorized, number, tokens));
        if (isRefused(sealed)) return sealed;
        const view = await transact((tx, { actor }) => authorize({ tx, actor }, returned, sealed));
        if (!isRefused(view)) return { body: view };
        // Tokens were renewed or given meanwhile; these are the ones that somebody has just asked for.
        if (view.code !== 'version_mismatch' || tries === TRIES_MAX) return view;
      }
    },
  }),
  openRoute({
    method: 'delete',
    path: '/v1/connectors/{id}/authorization',
    summary: 'Take back what a connector is authorized to do; its calls are refused from then on',
    tag,
    permission: 'connectors.manage',
    params,
    response: { status: 204 },
    async open({ app, request, params, look, transact }) {
      const id = params.id!;
      const before = await look(async (tx) => ({
        authorized: await findAuthorized(tx, id),
        row: await readAuthorization(tx, id),
      }));
      if (isRefused(before)) return before;
      const ended = await transact((tx, { actor }) => endAuthorization({ tx, actor }, id));
      if (!isRefused(ended)) await tellProvider(app, request.requestId, before);
      return nothingOf(ended);
    },
  }),
];

const TRIES_MAX = 4;

/** Members alone may authorize, so there is a sign-in. */
function sessionOf(caller: Caller): string {
  if (caller.kind !== 'member') throw new TypeError('only members authorize connectors');
  return caller.sessionId;
}

function redirectUri({ publicUrl }: App): string {
  return `${publicUrl}${CALLBACK}`;
}

/** What was asked of a provider or the key service; a problem where it did not give it. */
async function unlessAway<T>(app: App, requestId: string, work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof ProviderFault) return problem('provider_failed', fault.message);
    if (!(fault instanceof KeyServiceFault)) throw fault;
    app.log.warn({ request_id: requestId, err: fault }, 'the key service was asked in vain');
    return problem('key_service_unavailable');
  }
}

/** It is ended here whatever the provider says, who is only told. */
async function tellProvider(
  app: App & Reach,
  requestId: string,
  {
    authorized,
    row,
  }: {
    readonly authorized: Awaited<ReturnType<typeof findAuthorized>>;
    readonly row: Awaited<ReturnType<typeof readAuthorization>>;
  },
): Promise<void> {
  if (authorized === undefined || row === undefined || row.sealed === '') return;
  try {
    const text = await app.vault.open(row.sealed, tokensBound(authorized, row.number));
    if (text === null) return;
    const { accessToken, refreshToken } = JSON.parse(text);
    await revokeToken(app, authorized, refreshToken ?? accessToken);
  } catch (fault) {
    app.log.warn({ request_id: requestId, err: fault }, 'a provider could not be told of a token that is revoked');
  }
}
