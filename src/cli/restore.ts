import type { Copied } from '../backup/back-up.ts';
import { writeKeptFiles } from '../backup/kept-files.ts';
import { putBack } from '../backup/put-back.ts';
import { uuidToId } from '../kernel/ids.ts';
import { BadSettings, readSettings } from '../settings.ts';
import { openStore } from '../startup/open-store.ts';

/** `countersign restore <file>`: puts a backup back into an empty store, and compares where every chain ends. */
export async function restoreCommand(args: readonly string[]): Promise<void> {
  const [file] = args;
  if (file === undefined || args.length > 1) throw new BadSettings('Write: countersign restore <file>');
  const settings = readSettings(process.env);
  const store = await openStore(settings);
  try {
    const copied = await putBack(store, file, ({ files }) => writeKeptFiles(settings, files));
    process.stdout.write(`${summary(copied)}Put back from ${file}; every chain ends where the backup says.\n`);
  } finally {
    await store.close();
  }
}

/** What a copy holds, for a person: each chain's end, to be compared with what was noted elsewhere. */
export function summary({ rows, heads }: Copied): string {
  const count = Object.values(rows).reduce((sum, one) => sum + one, 0);
  const lines = heads.map(
    ({ tenant_id, seq, hash, fault }) =>
      `  ${uuidToId('org', tenant_id)}  seq ${seq}  ${hash}${fault === undefined ? '' : `  DOES NOT HOLD at ${fault}`}\n`,
  );
  return `${count} rows of ${heads.length} workspace(s). The audit chains end at\n${lines.join('')}`;
}
