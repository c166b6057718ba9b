import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadSettings, type Settings } from '../settings.ts';
import { prepareDataDirectory } from '../startup/data-directory.ts';
import type { Header } from './format.ts';

/** What lies beside the database in a data directory and belongs to it. */
const NAMES = ['secrets.key', 'demo.json', 'demo-upstream.json'] as const;

/** The files that belong into a backup. A key that is a setting is the operator's to keep. */
export function readKeptFiles(settings: Settings): Header['files'] {
  const files: Record<string, string> = {};
  for (const name of NAMES) {
    const path = join(settings.COUNTERSIGN_DATA_DIR, name);
    if (name === 'secrets.key' && settings.COUNTERSIGN_SECRETS_KEY !== undefined) continue;
    if (existsSync(path)) files[name] = readFileSync(path).toString('base64');
  }
  return files;
}

/** Writes a backup's files into the data directory. Throws `BadSettings` rather than replace one that says something else. */
export function writeKeptFiles(settings: Settings, files: Header['files']): void {
  const given = NAMES.flatMap((name) => {
    const text = files[name];
    return text === undefined
      ? []
      : [[join(settings.COUNTERSIGN_DATA_DIR, name), Buffer.from(text, 'base64')] as const];
  });
  if (given.length === 0) return;
  prepareDataDirectory(settings.COUNTERSIGN_DATA_DIR);
  const missing = given.filter(([path, bytes]) => {
    if (!existsSync(path)) return true;
    if (readFileSync(path).equals(bytes)) return false;
    throw new BadSettings(
      `${path} is there, and is not the backup's. Move it away, or set COUNTERSIGN_DATA_DIR to an empty directory. Nothing was changed.`,
    );
  });
  for (const [path, bytes] of missing) {
    writeFileSync(`${path}.${process.pid}`, bytes, { mode: 0o600, flush: true });
    renameSync(`${path}.${process.pid}`, path);
  }
}
