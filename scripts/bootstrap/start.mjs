/** `npm start`: installs what is missing, builds the dashboard if it changed, and runs the demo. */
import { join } from 'node:path';
import { onSignals, run, stopChildren } from './child.mjs';
import { launch } from './launch.mjs';
import { childEnv, ensureInstalled, node24, root, runMain, Stopped } from './runtime.mjs';

runMain(async () => {
  await ensureInstalled({ dev: false });
  const off = onSignals(stopChildren);
  const built = await run(node24(), [join(root, 'scripts', 'dashboard.ts')], { env: childEnv(), echo: true });
  const stopped = off();
  if (stopped) throw new Stopped(stopped);
  if (built.code !== 0) process.exit(built.code);
  launch(['demo', ...process.argv.slice(2)]);
});
