export type Counts = { readonly passed: number; readonly failed: number };
type Outcome = { readonly code: number; readonly output?: string };
export type Report = ReturnType<typeof createReport>;

/**
 * Counts what passed and failed, prints one line for each step, and shows a step's output only if it failed.
 */
export function createReport(say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)) {
  let passed = 0;
  let failed = 0;
  return {
    say,
    /** Runs one step that passes or fails as a whole. `work` resolves `{ code, output }`, or throws. */
    async step(name: string, work: () => Promise<Outcome>): Promise<boolean> {
      const began = Date.now();
      const { code, output = '' } = await work().catch((error: Error) => ({ code: 1, output: error.message }));
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      if (code === 0) passed++;
      else failed++;
      say(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      if (code !== 0 && output.trim()) say(output.trimEnd());
      return code === 0;
    },
    /** Adds the counts of a whole suite. */
    add(counts: Counts): void {
      passed += counts.passed;
      failed += counts.failed;
    },
    /** Prints the closing line and returns the exit code. */
    close(): number {
      say(`${passed} passed, ${failed} failed`);
      return failed === 0 && passed > 0 ? 0 : 1;
    },
  };
}
