import { rotateSecrets } from '../registry/secrets/rotate.ts';
import { keyFingerprints, secretsKeys } from '../secrets-key.ts';
import { BadSettings } from '../settings.ts';
import { checkKey } from '../startup/key-check.ts';
import { createVault } from '../vault/vault.ts';
import { BadUsage, withStore } from './usage.ts';

const USAGE = 'countersign secrets rotate';

/** `countersign secrets rotate`: encrypts every secret under the first key, while nodes that have it serve. */
export async function secretsCommand(args: readonly string[]): Promise<void> {
  if (args.length !== 1 || args[0] !== 'rotate') throw new BadUsage(`Usage: ${USAGE}`);
  await withStore(async (store, settings) => {
    await checkKey(store, settings, keyFingerprints(settings));
    const { done, of, unopened } = await rotateSecrets(store, createVault(secretsKeys(settings)), (now) => {
      process.stderr.write(`${now.done} of ${now.of} versions\n`);
    });
    process.stdout.write(`${done} of ${of} versions of secrets are encrypted under the first key.\n`);
    if (unopened.length === 0) return;
    throw new BadSettings(
      `No key of COUNTERSIGN_SECRETS_KEY opens ${unopened.length} of them. Name the key that they were written under, or ` +
        `enter them again: ${[...new Set(unopened)].slice(0, 20).join(', ')}`,
    );
  });
}
