/** `npm start`: installs what is missing, builds the dashboard if it changed, and runs the demo. */
import { buildDashboard } from './dashboard.mjs';
import { launch } from './launch.mjs';
import { ensureInstalled, runMain } from './runtime.mjs';

runMain(async () => {
  await ensureInstalled({ dev: false });
  await buildDashboard();
  launch(['demo', ...process.argv.slice(2)]);
});
