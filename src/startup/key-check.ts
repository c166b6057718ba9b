import { BadSettings, type Settings } from '../settings.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';

/**
 * Holds the fingerprint of this node's key, `ours`, against the fingerprint that the first start left in the database. Nodes with different keys
 * would not take each other's sign-ins, now and then, and nobody would know why: throws `BadSettings`.
 */
export async function checkKey({ engine }: Store, settings: Settings, ours: string): Promise<void> {
  await guarded(() =>
    engine.pool.query('insert into installation (key_fingerprint) values ($1) on conflict do nothing', [ours]),
  );
  const { rows } = await guarded(() =>
    engine.pool.query<{ key_fingerprint: string }>('select key_fingerprint from installation'),
  );
  const kept = rows[0]!.key_fingerprint;
  if (kept === ours) return;
  const file = `The key in secrets.key of COUNTERSIGN_DATA_DIR (${settings.COUNTERSIGN_DATA_DIR})`;
  throw new BadSettings(
    `${settings.COUNTERSIGN_SECRETS_KEY === undefined ? file : 'COUNTERSIGN_SECRETS_KEY'} is not the key that this database was ` +
      `first started with (fingerprint ${ours.slice(0, 8)}, there ${kept.slice(0, 8)}). Set COUNTERSIGN_SECRETS_KEY to that key, the ` +
      'same on all nodes. If it is lost, run `countersign replace-key`, which signs everybody out.',
  );
}

/** Takes this node's key for the installation's from now on. Sign-ins under the old one end. */
export async function replaceKey({ engine }: Store, ours: string): Promise<void> {
  await guarded(() =>
    engine.pool.query(
      `insert into installation (key_fingerprint) values ($1)
        on conflict (one) do update set key_fingerprint = excluded.key_fingerprint`,
      [ours],
    ),
  );
}
