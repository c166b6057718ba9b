import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.mjs';
import { bin, cache, childEnv, node24, root } from './runtime.mjs';

/**
 * Runs Vitest on Node 24 with its own output on the terminal. Resolves how many tests passed, failed and were
 * skipped; a file that could not be loaded, an error outside a test, or a run that found no test counts as one failure.
 */
export async function runVitest(args, env = {}) {
  const file = join(cache, `vitest-${process.pid}.json`);
  mkdirSync(cache, { recursive: true });
  const { code } = await run(
    node24(),
    [
      bin('vitest'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      '--silent=passed-only',
      ...args,
    ],
    { cwd: root, env: childEnv({ ...env, NODE_ENV: 'test' }), echo: true },
  );
  const counts = read(file);
  rmSync(file, { force: true });
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function read(file) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    const unloadable = result.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    );
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + unloadable.length,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
