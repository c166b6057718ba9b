import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './sources.ts';

/**
 * A folder of published test vectors, which lie beside a checkout (`../shared/vectors`) and are no part of it; undefined
 * where there is none. `npm test` then says so and goes on; `.ci/run` demands them where that folder is.
 */
export function findVectors(name: string): string | undefined {
  const folder = join(repository, '../shared/vectors', name);
  if (existsSync(folder)) return folder;
  if (process.env.REQUIRE_VECTORS === '1') throw new Error(`${folder} is not there, and REQUIRE_VECTORS demands it`);
  console.warn(`not run: the vectors ${name}, because ${folder} is not there`);
  return undefined;
}
