/** `npm run check`: types, lint and the tests that need no database, browser or server. Seconds. */

import { onSignals, stopChildren } from './bootstrap/child.mjs';
import { runMain, Stopped } from './bootstrap/runtime.mjs';
import { checks } from './checks.ts';
import { createReport } from './report.ts';
import { runVitest } from './vitest.ts';

runMain(async () => {
  const report = createReport();
  const off = onSignals(stopChildren);
  for (const check of checks()) await report.step(check.name, check.run);
  report.add(await runVitest(['--project=unit', ...process.argv.slice(2)]));
  const stopped = off();
  if (stopped) throw new Stopped(stopped);
  process.exit(report.close());
});
