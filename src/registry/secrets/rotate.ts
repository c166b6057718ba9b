import { sql } from 'kysely';
import { SYSTEM } from '../../kernel/actor.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import type { Vault } from '../../vault/vault.ts';

const BATCH = 100;

/**
 * How far a rotation is: versions that are under the present key now, of how many, and those that no key opens. Connectors'
 * tokens, what webhooks sign with, the address of a channel and the key for web push count as versions, too.
 */
export type Rotated = { readonly done: number; readonly of: number; readonly unopened: readonly string[] };

/** Of a secret, the tokens of a connector by its id, or what a webhook by its id signs with. */
type Version = { readonly secret_id: string; readonly number: number; readonly sealed: string };
const TABLES = {
  secret_versions: 'secret_id',
  connector_authorizations: 'connector_id',
  notify_secrets: 'secret_id',
} as const;
type Table = keyof typeof TABLES;
const TABLE_NAMES = Object.keys(TABLES) as Table[];
/** The key for web push is the installation's, not a workspace's. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/**
 * Encrypts every version of every secret anew, and whatever else is encrypted and kept, under the present key. A version that is written or forgotten meanwhile
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
  const pairs = await rotatePair(store, vault);
  const of = counts.reduce((sum, count) => sum + count, pairs);
  let done = pairs;
  const unopened: string[] = [];
  for (const { tenant_id: tenantId } of tenants) {
    let rotated = 0;
    for (const table of TABLE_NAMES) {
      for (let after: Version | undefined; ; ) {
        const batch = await readBatch(store, tenantId, table, after);
        if (batch.length === 0) break;
        const resealed = await Promise.all(batch.map(({ sealed }) => vault.reseal(sealed, tenantId)));
        unopened.push(...batch.filter((_, index) => resealed[index] === null).map(({ secret_id }) => secret_id));
        const changed = batch.flatMap((one, index) =>
          resealed[index] === null ? [] : [[one, resealed[index]!] as const],
        );
        await writeBatch(store, tenantId, table, changed);
        rotated += changed.length;
        done += changed.length;
        progress({ done, of, unopened });
        after = batch.at(-1);
      }
    }
    if (rotated > 0) await tell(store, tenantId, rotated);
  }
  return { done, of, unopened };
}

/** How many keys for web push were encrypted anew: one, or none. One that no key opens is made anew at the next need. */
async function rotatePair({ people }: Store, vault: Vault): Promise<number> {
  const kept = await people.selectFrom('vapid_keys').select('sealed').executeTakeFirst();
  const sealed = kept && (await vault.reseal(kept.sealed, NO_TENANT));
  if (!sealed) return 0;
  await people.updateTable('vapid_keys').set({ sealed }).where('sealed', '=', kept.sealed).execute();
  return 1;
}

function countVersions(store: Store, tenantId: string): Promise<number> {
  return store.withTenant(tenantId, async (tx) => {
    const counts = await Promise.all(TABLE_NAMES.map((table) => countIn(tx, table)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

async function countIn({ db, tenantId }: TenantTx, table: Table): Promise<number> {
  const counted = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('sealed', '<>', '')
    .executeTakeFirstOrThrow();
  return Number(counted.count);
}

async function readBatch(store: Store, tenantId: string, table: Table, after: Version | undefined): Promise<Version[]> {
  const id = sql.ref(TABLES[table]);
  const { rows } = await store.withTenant(tenantId, ({ db }) =>
    sql<Version>`select ${id} as secret_id, number, sealed from ${sql.table(table)}
      where tenant_id = ${tenantId} and sealed <> ''
        and (${id}, number) > (${after?.secret_id ?? ''}, ${after?.number ?? 0}::int)
      order by ${id}, number limit ${BATCH}`.execute(db),
  );
  return rows;
}

/** One transaction a batch. A row that is no longer what was read is left alone. */
function writeBatch(
  store: Store,
  tenantId: string,
  table: Table,
  changed: readonly (readonly [Version, string])[],
): Promise<void> {
  return store.withTenant(tenantId, async ({ db }) => {
    for (const [{ secret_id, number, sealed: before }, sealed] of changed) {
      await sql`update ${sql.table(table)} set sealed = ${sealed}
        where tenant_id = ${tenantId} and ${sql.ref(TABLES[table])} = ${secret_id} and number = ${number}
          and sealed = ${before}`.execute(db);
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
