/**
 * `npm test`: types, lint, the dashboard's build, then the whole suite on both engines, with a real PostgreSQL, Redis
 * and Chromium. `npm test -- <path>…` runs the named tests only, without the checks. `--faults` runs the long variants
 * of test/faults. Where a part cannot be run on a machine, it is named; with CI=true that is a failure.
 */
import { checks } from './checks.mjs';
import { onSignals, stopChildren } from './child.mjs';
import { buildDashboard, hasDashboard } from './dashboard.mjs';
import { createReport } from './report.mjs';
import { ensureInstalled, runMain, Stopped } from './runtime.mjs';
import { findServices, startServices } from './services.mjs';
import { runVitest } from './vitest.mjs';

const isCi = process.env.CI === 'true';

runMain(async () => {
  const args = process.argv.slice(2);
  const faults = args.includes('--faults');
  const named = args.filter((arg) => arg !== '--faults');
  const filters = named.length === 0 && faults ? ['test/faults'] : named;
  await ensureInstalled({ dev: true });

  const report = createReport();
  let services;
  let stopped;
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
    if (!stopped) await suite(report, services, filters, faults);
  } finally {
    await services?.stop();
    off();
  }
  if (stopped) throw new Stopped(stopped);
  process.exit(report.close());
});

async function suite(report, { env, missing }, filters, faults) {
  const counts = await runVitest(filters, { ...env, ...(faults ? { TEST_FAULTS: 'long' } : {}) });
  report.add(counts);
  if (counts.skipped > 0) report.say(`Skipped: ${counts.skipped} tests.`);
  for (const { name, part, why } of missing) {
    report.say(`Could not run ${part}, for want of ${name}: ${why}.`);
    if (isCi) report.add({ passed: 0, failed: 1 });
  }
}
