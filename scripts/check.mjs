/** `npm run check`: types, lint and the tests that need no database, browser or server. Seconds. */
import { checks } from './checks.mjs';
import { onSignals, stopChildren } from './child.mjs';
import { createReport } from './report.mjs';
import { ensureInstalled, runMain, Stopped } from './runtime.mjs';
import { runVitest } from './vitest.mjs';

runMain(async () => {
  await ensureInstalled({ dev: true });
  const report = createReport();
  const off = onSignals(stopChildren);
  for (const check of checks()) await report.step(check.name, check.run);
  report.add(await runVitest(['--project=unit', ...process.argv.slice(2)]));
  const stopped = off();
  if (stopped) throw new Stopped(stopped);
  process.exit(report.close());
});
