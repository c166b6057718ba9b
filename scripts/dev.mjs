/**
 * `npm run dev`: the demo, started again at every change of a source file, and Vite's server for the dashboard.
 * Arguments replace the command (`npm run dev -- serve`).
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onSignals } from './child.mjs';
import { hasDashboard } from './dashboard.mjs';
import { nodeFlags, runEnv } from './launch.mjs';
import { bin, ensureInstalled, node24, root, runMain } from './runtime.mjs';

runMain(async () => {
  await ensureInstalled({ dev: true });
  const command = process.argv.length > 2 ? process.argv.slice(2) : ['demo'];
  const start = (args, cwd) => spawn(node24(), args, { cwd, env: runEnv(), stdio: 'inherit' });
  const children = [
    start([...nodeFlags, '--watch', '--watch-preserve-output', join(root, 'src', 'cli', 'main.ts'), ...command], root),
  ];
  if (hasDashboard()) children.push(start([bin('vite')], join(root, 'dashboard')));

  const stop = (signal) => {
    for (const child of children) child.kill(signal);
  };
  onSignals(stop);
  const codes = await Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          child.once('exit', (code) => {
            stop('SIGTERM');
            resolve(code ?? 0);
          });
        }),
    ),
  );
  process.exit(Math.max(...codes));
});
