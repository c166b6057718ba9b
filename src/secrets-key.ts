import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadSettings, type Settings } from './settings.ts';
import { directoryFault, prepareDataDirectory } from './startup/data-directory.ts';

const KEY_BYTES = 32;

/**
 * The secret that signs sign-in cookies, derived from the installation's present key. Without COUNTERSIGN_SECRETS_KEY a
 * key is made once and kept in the data directory; several nodes must share it, so they need the setting.
 */
export function signInSecret(settings: Settings): string {
  return Buffer.from(hkdfSync('sha256', secretsKeys(settings)[0]!, '', 'countersign sign-in v1', 32)).toString(
    'base64url',
  );
}

/**
 * Tells keys apart without telling anything of them, in the order of the keys: kept in the database, so that a node with
 * another key is noticed.
 */
export function keyFingerprints(settings: Settings): readonly string[] {
  return secretsKeys(settings).map((key) =>
    createHmac('sha256', key).update('countersign key fingerprint v1').digest('hex').slice(0, 32),
  );
}

/** The installation's keys. The first is the present one, which signs and encrypts; the others only open what they closed. */
export function secretsKeys(settings: Settings): readonly Buffer[] {
  const keys = settings.COUNTERSIGN_SECRETS_KEY ?? [keptKey(settings.COUNTERSIGN_DATA_DIR)];
  return keys.map((key) => Buffer.from(key, 'base64url'));
}

function keptKey(dataDir: string): string {
  const file = join(dataDir, 'secrets.key');
  if (!existsSync(file)) {
    prepareDataDirectory(dataDir);
    try {
      keepNewKey(file);
    } catch (fault) {
      throw directoryFault(dataDir, fault);
    }
  }
  const key = readFileSync(file, 'utf8').trim();
  // From an empty file, such as a full disk or a careless copy leaves, anybody can derive the secret.
  if (Buffer.from(key, 'base64url').length === KEY_BYTES) return key;
  throw new BadSettings(
    `${file} does not hold a key of ${KEY_BYTES} bytes. Restore it, or remove it and run countersign replace-key.`,
  );
}

/** The file is there with all of the key, on the disk, or not at all. Two starts at once agree on one key. */
function keepNewKey(file: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flush: true });
  try {
    linkSync(fresh, file);
  } catch (fault) {
    const { code = '' } = fault as { code?: string };
    if (code === 'EEXIST') return;
    // Some file systems have no links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw fault;
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}
