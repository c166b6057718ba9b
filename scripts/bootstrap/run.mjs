/**
 * `node scripts/bootstrap/run.mjs <name> [arguments]`: installs what is missing and runs scripts/<name>.ts on the Node 24
 * that npm brought. What is in this folder runs on any Node from 20 on; every other script runs on Node 24.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onSignals } from './child.mjs';
import { childEnv, ensureInstalled, fail, node24, root, runMain } from './runtime.mjs';

const follow = pathToFileURL(join(root, 'scripts', 'bootstrap', 'follow-parent.mjs')).href;

runMain(async () => {
  const [name, ...args] = process.argv.slice(2);
  const script = join(root, 'scripts', `${name}.ts`);
  if (!existsSync(script)) fail(`There is no script ${name}: see package.json.`);
  await ensureInstalled({ dev: true });
  const child = spawn(node24(), ['--import', follow, script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: childEnv(),
  });
  // It is told to stop by the terminal, too, and takes the second time for the first.
  onSignals((signal) => child.kill(signal));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 1));
  });
  process.exit(code);
});
