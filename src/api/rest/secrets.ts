import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { findSecret, listSecrets } from '../../registry/secrets/read.ts';
import { removeSecret } from '../../registry/secrets/remove.ts';
import { listSecretsQuery, secretView, writeSecretInput } from '../../registry/secrets/schemas.ts';
import { placeOf, writeSecret } from '../../registry/secrets/write.ts';
import { KeyServiceFault } from '../../vault/aws-kms.ts';
import type { Bound } from '../../vault/vault.ts';
import type { App } from '../app.ts';
import { openRoute, type Route, route } from '../route.ts';
import { foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Secrets';
const params = { id: 'secret' } as const;
/** How often a value is encrypted anew because somebody else wrote the same secret meanwhile. */
const WRITES_MAX = 4;

export const secretRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/secrets',
    summary: 'The secrets of the workspace and of its clients, without their values',
    tag,
    permission: 'secrets.read',
    query: listSecretsQuery,
    response: { status: 200, schema: pageSchema(secretView) },
    handle: async ({ tx, query }) => ({ body: await listSecrets(tx, query) }),
  }),
  // Encrypting may ask a key service, which no transaction waits for.
  openRoute({
    method: 'post',
    path: '/v1/secrets',
    summary: 'Write a secret, or the next version of one; its value is never readable again',
    tag,
    permission: 'secrets.manage',
    body: writeSecretInput,
    response: { status: 201, schema: secretView },
    async open({ app, request, body: { value, ...body }, ifVersion, look, transact }) {
      for (let writes = 1; ; writes += 1) {
        const place = await look((tx) => placeOf(tx, body));
        if (isRefused(place)) return place;
        const sealed = await sealedFor(app, request.requestId, place, value);
        if (isRefused(sealed)) return sealed;
        const written = await transact((tx, { actor }) => writeSecret({ tx, actor }, { place, sealed, ifVersion }));
        const isOvertaken = isRefused(written) && written.code === 'version_mismatch' && ifVersion === undefined;
        if (!isOvertaken || writes === WRITES_MAX) return versioned(written);
      }
    },
  }),
  route({
    method: 'get',
    path: '/v1/secrets/{id}',
    summary: 'One secret, without its value',
    tag,
    permission: 'secrets.read',
    params,
    response: { status: 200, schema: secretView },
    handle: async ({ tx, params }) => foundOr(problem('not_found'), await findSecret(tx, params.id!)),
  }),
  route({
    method: 'delete',
    path: '/v1/secrets/{id}',
    summary: 'Delete a secret; calls that name it are refused from then on',
    tag,
    permission: 'secrets.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params, ifVersion }) =>
      nothingOf(await removeSecret({ tx, actor: caller.actor }, { id: params.id!, ifVersion })),
  }),
];

async function sealedFor(app: App, requestId: string, place: Bound, value: string): Promise<string | Problem> {
  try {
    return await app.vault.seal(place, value);
  } catch (fault) {
    if (!(fault instanceof KeyServiceFault)) throw fault;
    app.log.warn({ request_id: requestId, err: fault }, 'a secret could not be encrypted');
    return problem('key_service_unavailable');
  }
}
