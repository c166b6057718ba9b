import { SYSTEM } from '../../kernel/actor.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import type { Store } from '../../store/store.ts';
import type { Vault } from '../../vault/vault.ts';

const BATCH = 100;

/** How far a rotation is: versions that are under the present key now, of how many, and those that no key opens. */
export type Rotated = { readonly done: number; readonly of: number; readonly unopened: readonly string[] };

type Version = { readonly secret_id: string; readonly number: number; readonly sealed: string };

/**
 * Encrypts every version of every secret anew, under the present key. A version that is written or forgotten meanwhile
 * stays as it is, so that nodes may serve; nothing of what a secret is changes, and so no version is counted on. Each
 * workspace whose secrets were encrypted anew has one entry of it. Rejects where the key service cannot be asked; what is
 * done by then stays done.
 */
export async function rotateSecrets(
  store: Store,
  vault: Vault,
  progress: (rotated: Rotated) => void,
): Promise<Rotated> {
  const tenants = await store.asSystem((db) => db.selectFrom('workspaces').select('tenant_id').execute());
  const counts = await Promise.all(tenants.map(({ tenant_id }) => countVersions(store, tenant_id)));
  const of = counts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  const unopened: string[] = [];
  for (const { tenant_id: tenantId } of tenants) {
    let rotated = 0;
    for (let after: Version | undefined; ; ) {
      const batch = await readBatch(store, tenantId, after);
      if (batch.length === 0) break;
      const resealed = await Promise.all(batch.map(({ sealed }) => vault.reseal(sealed, tenantId)));
      unopened.push(...batch.filter((_, index) => resealed[index] === null).map(({ secret_id }) => secret_id));
      const changed = batch.flatMap((one, index) =>
        resealed[index] === null ? [] : [[one, resealed[index]!] as const],
      );
      await writeBatch(store, tenantId, changed);
      rotated += changed.length;
      done += changed.length;
      progress({ done, of, unopened });
      after = batch.at(-1);
    }
    if (rotated > 0) await tell(store, tenantId, rotated);
  }
  return { done, of, unopened };
}

function countVersions(store: Store, tenantId: string): Promise<number> {
  return store.withTenant(tenantId, async ({ db }) => {
    const counted = await db
      .selectFrom('secret_versions')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    return Number(counted.count);
  });
}

function readBatch(store: Store, tenantId: string, after: Version | undefined): Promise<Version[]> {
  return store.withTenant(tenantId, ({ db }) => {
    let query = db
      .selectFrom('secret_versions')
      .select(['secret_id', 'number', 'sealed'])
      .where('tenant_id', '=', tenantId);
    if (after !== undefined) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('secret_id', 'number'), '>', tuple(after.secret_id, after.number)),
      );
    }
    return query.orderBy('secret_id').orderBy('number').limit(BATCH).execute();
  });
}

/** One transaction a batch. A row that is no longer what was read is left alone. */
function writeBatch(store: Store, tenantId: string, changed: readonly (readonly [Version, string])[]): Promise<void> {
  return store.withTenant(tenantId, async ({ db }) => {
    for (const [{ secret_id, number, sealed: before }, sealed] of changed) {
      await db
        .updateTable('secret_versions')
        .set({ sealed })
        .where('tenant_id', '=', tenantId)
        .where('secret_id', '=', secret_id)
        .where('number', '=', number)
        .where('sealed', '=', before)
        .execute();
    }
  });
}

function tell(store: Store, tenantId: string, versions: number): Promise<void> {
  return store.withTenant(tenantId, (tx) =>
    audit(tx, {
      event_type: 'secret.written',
      actor: SYSTEM,
      resource: { kind: 'workspace', id: uuidToId('org', tenantId) },
      outcome: 'encrypted_anew',
      data: { versions },
    }),
  );
}
