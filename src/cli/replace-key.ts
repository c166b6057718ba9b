import { keyFingerprints } from '../secrets-key.ts';
import { readSettings } from '../settings.ts';
import { replaceKey } from '../startup/key-check.ts';
import { openStore } from '../startup/open-store.ts';

/** `countersign replace-key`: the key that the settings name is the installation's from now on. Stop every node first. */
export async function replaceKeyCommand(): Promise<void> {
  const settings = readSettings(process.env);
  const store = await openStore(settings);
  await replaceKey(store, keyFingerprints(settings)[0]!).finally(() => store.close());
  process.stdout.write(
    'The key is taken. Everybody has to sign in again, and secrets that another key has encrypted have to be entered again, ' +
      'unless that key is named behind this one. Start all nodes with this key.\n',
  );
}
