import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadSettings, type Settings } from './settings.ts';

const KEY_BYTES = 32;

/**
 * The secret that signs sign-in cookies, derived from the installation's key. Without COUNTERSIGN_SECRETS_KEY a
 * key is made once and kept in the data directory; several nodes must share it, so they need the setting.
 */
export function signInSecret(settings: Settings): string {
  const key = Buffer.from(settings.COUNTERSIGN_SECRETS_KEY ?? keptKey(settings.COUNTERSIGN_DATA_DIR), 'base64url');
  return Buffer.from(hkdfSync('sha256', key, '', 'countersign sign-in v1', 32)).toString('base64url');
}

function keptKey(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'secrets.key');
  try {
    // Fails when it exists, so that two starts at once agree on one key.
    writeFileSync(file, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flag: 'wx' });
  } catch (fault) {
    if ((fault as { code?: string }).code !== 'EEXIST') throw fault;
  }
  const key = readFileSync(file, 'utf8').trim();
  // A start that was cut short or a full disk leaves an empty file, and from that anybody can derive the secret.
  if (Buffer.from(key, 'base64url').length === KEY_BYTES) return key;
  throw new BadSettings(
    `${file} does not hold a key of ${KEY_BYTES} bytes. Restore it, or remove it to sign everybody out.`,
  );
}
