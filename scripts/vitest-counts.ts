import { writeFileSync } from 'node:fs';
import type { TestModule } from 'vitest/node';

/**
 * A Vitest reporter that writes how many tests passed, failed and were skipped to the file named by COUNTS_FILE. A
 * file that could not be loaded or set up, and an error outside every test, count as one failure each.
 */
export default class Counts {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) counts[state === 'passed' || state === 'failed' ? state : 'skipped']++;
      if (!module.ok() && !states.includes('failed')) counts.failed++;
    }
    writeFileSync(process.env.COUNTS_FILE!, JSON.stringify(counts));
  }
}
