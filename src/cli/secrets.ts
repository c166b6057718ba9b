import { rotateSecrets } from '../registry/secrets/rotate.ts';
import { keyFingerprints, secretsKeys } from '../secrets-key.ts';
import { BadSettings } from '../settings.ts';
import { checkKey } from '../startup/key-check.ts';
import { openVault } from '../startup/open-vault.ts';
import { KeyServiceFault } from '../vault/aws-kms.ts';
import { BadUsage, withStore } from './usage.ts';

const USAGE = 'countersign secrets rotate';

/**
 * `countersign secrets rotate`: encrypts every secret under the first key, of AWS KMS where one is set, while nodes that
 * have it serve.
 */
export async function secretsCommand(args: readonly string[]): Promise<void> {
  if (args.length !== 1 || args[0] !== 'rotate') throw new BadUsage(`Usage: ${USAGE}`);
  await withStore(async (store, settings) => {
    await checkKey(store, settings, keyFingerprints(settings));
    const { vault } = await openVault(settings, secretsKeys(settings));
    const { done, of, unopened } = await rotateSecrets(store, vault, (now) => {
      process.stderr.write(`${now.done} of ${now.of} versions\n`);
    }).catch((fault: unknown) => {
      if (!(fault instanceof KeyServiceFault)) throw fault;
      throw new BadSettings(`${fault.message}. What is encrypted anew stays so; run this again for the rest.`);
    });
    process.stdout.write(`${done} of ${of} versions of secrets are encrypted under the first key.\n`);
    if (unopened.length === 0) return;
    throw new BadSettings(
      `No key of COUNTERSIGN_SECRETS_KEY or COUNTERSIGN_KMS_KEY_ID opens ${unopened.length} of them. Name the key that they were written under, or ` +
        `enter them again: ${[...new Set(unopened)].slice(0, 20).join(', ')}`,
    );
  });
}
