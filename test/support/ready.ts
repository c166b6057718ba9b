import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What is copied for every test: an empty, migrated database of each engine, made once for the whole run. Making one takes
 * the embedded engine six seconds, and copying it a tenth of one. Tests about first starts make their own.
 */
export const READY_DIRECTORY = 'TEST_READY_DIRECTORY';
/** The name of the database that PostgreSQL copies. Nobody connects to it. */
export const READY_DATABASE = 'TEST_READY_DATABASE';

/**
 * A new data directory with an empty, migrated database in it; an empty one where nobody has made an original, as in a
 * benchmark. Whoever asked removes it.
 */
export function readyDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const original = process.env[READY_DIRECTORY];
  if (original) cpSync(original, folder, { recursive: true });
  return folder;
}
