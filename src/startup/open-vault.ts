import { BadSettings, type Settings } from '../settings.ts';
import { awsDataKeys, KeyServiceFault } from '../vault/aws-kms.ts';
import { createVault, type Vault } from '../vault/vault.ts';

/**
 * The vault of the settings and the installation's keys. A key of AWS KMS that encrypts is tried out: throws `BadSettings` where somebody has to change
 * something, and gives a warning where the service does not answer just now.
 */
export async function openVault(
  { COUNTERSIGN_KMS_KEY_ID: kms }: Settings,
  keys: readonly Uint8Array[],
): Promise<{ readonly vault: Vault; readonly warnings: readonly string[] }> {
  if (kms === undefined) return { vault: createVault(keys), warnings: [] };
  const dataKeys = awsDataKeys(kms);
  const vault = createVault(keys, dataKeys);
  try {
    if (kms.encrypts) await dataKeys.probe();
    return { vault, warnings: [] };
  } catch (fault) {
    if (!(fault instanceof KeyServiceFault)) throw fault;
    if (fault.isSettled)
      throw new BadSettings(`COUNTERSIGN_KMS_KEY_ID cannot be used: ${fault.message}.`, { cause: fault });
    const warning = `${fault.message}: until it does, secrets can neither be written nor opened, and calls that name one are refused.`;
    return { vault, warnings: [warning] };
  }
}
