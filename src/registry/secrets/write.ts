import { sql } from 'kysely';
import { edit, make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { TenantTx } from '../../store/store.ts';
import { boundHost } from '../../upstream/shapes.ts';
import type { Bound } from '../../vault/vault.ts';
import { findClient } from '../clients/read.ts';
import { fieldProblem } from '../config-check.ts';
import { findSecret, secretState } from './read.ts';
import type { SecretView, WriteSecretInput } from './schemas.ts';

/** The place that a value will have, to be encrypted for it. Null where there is no secret of that name yet. */
export async function placeOf(
  tx: TenantTx,
  { name, client_id, hosts }: Omit<WriteSecretInput, 'value'>,
): Promise<Bound> {
  const known = await tx.db
    .selectFrom('secrets')
    .select(['id', 'version'])
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', name)
    .where(sql<boolean>`client_id is not distinct from ${client_id}`)
    .executeTakeFirst();
  return {
    tenantId: tx.tenantId,
    id: known?.id ?? newId('sec'),
    name,
    clientId: client_id,
    hosts: [...new Set(hosts.map((host) => boundHost(host)!))].sort(),
    number: (known?.version ?? 0) + 1,
  };
}

/**
 * Writes a value that was encrypted for `place`: a new secret, or the next version of one, whose hosts are replaced with
 * it. Says `version_mismatch` where the place is no longer the next one.
 */
export async function writeSecret(
  ctx: Verb,
  {
    place,
    sealed,
    ifVersion,
  }: { readonly place: Bound; readonly sealed: string; readonly ifVersion?: number | undefined },
): Promise<SecretView | Problem> {
  const { tx } = ctx;
  const { id } = place;
  const steps = {
    read: () => findSecret(tx, id),
    event: { type: 'secret.written', kind: 'secret', id, state: secretState } as const,
  };
  const before = place.number - 1;
  if (ifVersion !== undefined && ifVersion !== before) return problem('version_mismatch');
  if (before === 0) return make(ctx, { ...steps, make: () => insert(ctx, place, sealed) });
  return edit(ctx, {
    ...steps,
    update: async () =>
      (await updateVersion(tx, 'secrets', { id, version: before }, { hosts: [...place.hosts] })) ??
      (await insertVersion(ctx, place, sealed)),
  });
}

async function insert(ctx: Verb, place: Bound, sealed: string): Promise<Problem | undefined> {
  const { tx } = ctx;
  const { id, name, clientId, hosts } = place;
  if (clientId !== null) {
    const client = await findClient(tx, clientId);
    if (client === undefined) return fieldProblem('client_id', 'there is no such client in this workspace');
    if (client.status === 'revoked') return fieldProblem('client_id', 'the client has been revoked');
  }
  const inserted = await tx.db
    .insertInto('secrets')
    .values({ tenant_id: tx.tenantId, id, name, client_id: clientId, hosts: [...hosts] })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted === undefined ? problem('version_mismatch') : insertVersion(ctx, place, sealed);
}

/** Writes the version and forgets those before the last one. */
async function insertVersion({ tx, actor }: Verb, { id, number }: Bound, sealed: string): Promise<undefined> {
  const ofSecret = { tenant_id: tx.tenantId, secret_id: id };
  await tx.db
    .insertInto('secret_versions')
    .values({ ...ofSecret, number, sealed, written_by: actor.id })
    .execute();
  await tx.db
    .deleteFrom('secret_versions')
    .where('tenant_id', '=', tx.tenantId)
    .where('secret_id', '=', id)
    .where('number', '<', number - 1)
    .execute();
}
