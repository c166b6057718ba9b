/**
 * `npm test`: types, lint, the dashboard's build, then the whole suite on both engines, with a real PostgreSQL, Redis
 * and Chromium. `npm test -- <path>…` runs the named tests only, without the checks. `--faults` runs the long variants
 * of test/faults. Where a part cannot be run on a machine, it is named; with CI=true that is a failure.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onSignals, stopChildren } from './bootstrap/child.mjs';
import { root, runMain, Stopped } from './bootstrap/runtime.mjs';
import { checks } from './checks.ts';
import { buildDashboard, hasDashboard } from './dashboard.ts';
import { createReport, type Report } from './report.ts';
import { findServices, type StartedServices, startServices } from './services.ts';
import { runVitest } from './vitest.ts';

const isCi = process.env.CI === 'true';

runMain(async () => {
  const args = process.argv.slice(2);
  const faults = args.includes('--faults');
  const named = args.filter((arg) => arg !== '--faults');
  const filters = named.length === 0 && faults ? ['test/faults'] : named;

  const report = createReport();
  let services: StartedServices | undefined;
  let stopped: NodeJS.Signals | undefined;
  const off = onSignals((signal) => {
    stopped = signal;
    stopChildren();
  });
  try {
    // Fetching is mostly waiting for the network, so the checks go on meanwhile.
    const fetching = findServices({ fetch: true });
    if (filters.length === 0) for (const check of checks()) if (!stopped) await report.step(check.name, check.run);
    if (hasDashboard() && !stopped)
      await report.step('dashboard build', () => buildDashboard().then(() => ({ code: 0 })));
    const found = await fetching;
    if (!stopped) services = await startServices(found);
    if (services && !stopped) await suite(report, services, filters, faults);
  } finally {
    await services?.stop();
    off();
  }
  if (stopped) throw new Stopped(stopped);
  process.exit(report.close());
});

async function suite(
  report: Report,
  { env, missing }: StartedServices,
  filters: readonly string[],
  faults: boolean,
): Promise<void> {
  const counts = await runVitest(filters, { ...env, ...(faults ? { TEST_FAULTS: 'long' } : {}) });
  report.add(counts);
  if (counts.skipped > 0) report.say(`Skipped: ${counts.skipped} tests.`);
  const vectors = join(root, '..', 'shared', 'vectors');
  if (!existsSync(vectors)) report.say(`Could not run the published test vectors: ${vectors} is not there.`);
  for (const { name, part, why } of missing) {
    report.say(`Could not run ${part}, for want of ${name}: ${why}.`);
    if (isCi) report.add({ passed: 0, failed: 1 });
  }
}
