import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './bootstrap/child.mjs';
import { bin, cache, childEnv, node24, root } from './bootstrap/runtime.mjs';

/** How many tests did what. */
type VitestCounts = { passed: number; failed: number; skipped: number };

const reporter = join(root, 'scripts', 'vitest-counts.ts');

/**
 * Runs Vitest on Node 24 with its own output on the terminal. Resolves how many tests passed, failed and were
 * skipped; a run that broke off or found no test counts as one failure.
 */
export async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<VitestCounts> {
  const file = join(cache, `vitest-${process.pid}.json`);
  mkdirSync(cache, { recursive: true });
  const plain: Record<string, string> = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const { code } = await run(
    node24(),
    [bin('vitest'), 'run', '--reporter=default', `--reporter=${reporter}`, '--silent=passed-only', ...args],
    { cwd: root, env: childEnv({ ...plain, ...env, COUNTS_FILE: file, NODE_ENV: 'test' }), echo: true },
  );
  const counts = read(file);
  rmSync(file, { force: true });
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function read(file: string): VitestCounts {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
