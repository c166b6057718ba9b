import { BadSettings, type Settings } from '../settings.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';

/**
 * Holds the fingerprints of this node's keys, the present one's first, against the fingerprint that is kept in the
 * database. Nodes with different keys would not take each other's sign-ins nor open each other's secrets, now and then,
 * and nobody would know why: throws `BadSettings` for a node that does not have the installation's key. One that has it
 * behind a newer one brings that one in: it is the installation's from now on.
 */
export async function checkKey(store: Store, settings: Settings, ours: readonly string[]): Promise<void> {
  const { engine } = store;
  const present = ours[0]!;
  await guarded(() =>
    engine.pool.query('insert into installation (key_fingerprint) values ($1) on conflict do nothing', [present]),
  );
  const { rows } = await guarded(() =>
    engine.pool.query<{ key_fingerprint: string }>('select key_fingerprint from installation'),
  );
  const kept = rows[0]!.key_fingerprint;
  if (kept === present) return;
  if (ours.includes(kept)) return replaceKey(store, present);
  const file = `The key in secrets.key of COUNTERSIGN_DATA_DIR (${settings.COUNTERSIGN_DATA_DIR})`;
  throw new BadSettings(
    `${settings.COUNTERSIGN_SECRETS_KEY === undefined ? file : 'COUNTERSIGN_SECRETS_KEY'} is not the key that this database was ` +
      `first started with (fingerprint ${present.slice(0, 8)}, there ${kept.slice(0, 8)}). Set COUNTERSIGN_SECRETS_KEY to that key, the ` +
      'same on all nodes, or name it behind the new one. If it is lost, run `countersign replace-key`, which signs ' +
      'everybody out and after which stored secrets have to be entered again.',
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
