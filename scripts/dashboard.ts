import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './bootstrap/child.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { bin, cache, childEnv, node24, root, runMain } from './bootstrap/runtime.mjs';

const folder = join(root, 'dashboard');
const dist = join(folder, 'dist');
const stampFile = join(dist, '.stamp');
// Everything a build reads. Generated sources (*.gen.ts) are left out: a build may write them.
const INPUTS = [
  'src',
  '../src/kernel',
  'public',
  'index.html',
  'package.json',
  'tsconfig.json',
  'vite.config.ts',
  'vite.config.js',
  'vite.config.mjs',
];

/** Whether the dashboard is there to be built. */
export function hasDashboard(): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('vite.config.'));
}

/**
 * Builds dashboard/dist when its sources or the packages changed. The new build is made aside and moved into place,
 * so that a running server never serves half of one. Throws with Vite's output when it fails.
 */
export async function buildDashboard(): Promise<void> {
  if (!hasDashboard() || isCurrent()) return;
  await withLock(
    join(cache, 'dashboard.lock'),
    'The dashboard is being built by another run; waiting for it…',
    async () => {
      const stamp = sourcesHash();
      if (isCurrent(stamp)) return;
      process.stderr.write('Building the dashboard…\n');
      const fresh = join(cache, `dashboard-${process.pid}`);
      const old = `${fresh}-old`;
      const args = [bin('vite'), 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'];
      try {
        const { code, output } = await run(node24(), args, { cwd: folder, env: childEnv({ NODE_ENV: 'production' }) });
        if (code !== 0) throw new Error(`${output}\nThe dashboard could not be built; Vite's output is above.`);
        mkdirSync(fresh, { recursive: true });
        writeFileSync(join(fresh, '.stamp'), `${stamp}\n`);
        if (existsSync(dist)) renameSync(dist, old);
        renameSync(fresh, dist);
      } finally {
        for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
      }
    },
  );
}

function isCurrent(stamp = sourcesHash()): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp;
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const path of [...INPUTS.flatMap((name) => filesUnder(join(folder, name))), join(root, 'package-lock.json')]) {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => filesUnder(join(path, name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    return /\.gen\.ts$/.test(path) ? [] : [path];
  }
}

if (import.meta.main) runMain(buildDashboard);
