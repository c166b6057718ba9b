/**
 * `npm run dev`: the demo, started again at every change of a source file, and Vite's server for the dashboard.
 * Arguments replace the command (`npm run dev -- serve`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onSignals } from './bootstrap/child.mjs';
import { nodeFlags, runEnv } from './bootstrap/launch.mjs';
import { bin, node24, root, runMain } from './bootstrap/runtime.mjs';
import { hasDashboard } from './dashboard.ts';

runMain(async () => {
  const command = process.argv.length > 2 ? process.argv.slice(2) : ['demo'];
  const start = (args: readonly string[], cwd: string): ChildProcess =>
    spawn(node24(), args, { cwd, env: runEnv(), stdio: 'inherit' });
  const children = [
    start([...nodeFlags, '--watch', '--watch-preserve-output', join(root, 'src', 'cli', 'main.ts'), ...command], root),
  ];
  if (hasDashboard()) children.push(start([bin('vite')], join(root, 'dashboard')));

  const stop = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };
  onSignals(stop);
  const codes = await Promise.all(
    children.map(
      (child) =>
        new Promise<number>((resolve) => {
          child.once('exit', (code) => {
            stop('SIGTERM');
            resolve(code ?? 0);
          });
        }),
    ),
  );
  process.exit(Math.max(...codes));
});
