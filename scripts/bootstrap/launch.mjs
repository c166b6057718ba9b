import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { childEnv, fail, node24, root } from './runtime.mjs';

const main = join(root, 'src', 'cli', 'main.ts');
const follow = pathToFileURL(join(root, 'scripts', 'bootstrap', 'follow-parent.mjs')).href;
const REPEAT_MS = 1_000;

/** The flags Countersign runs with. Young objects get 24 MB and no more, which bounds the memory of a loaded gate. */
export const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=24'];

/** Compiled code is kept from one start to the next. */
export const runEnv = () => childEnv({ NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') });

/**
 * Runs `countersign <args>` on Node 24 and ends this process as it ended.
 *
 * The child is in a process group of its own: a Ctrl-C reaches npm, this process and, through npm, this process
 * again, but the child must see it once, or it would take the second for "now!". A later one is passed on, and
 * means that. If this process is killed outright, the child notices (`follow-parent.mjs`) and stops too.
 */
export function launch(args) {
  const node = node24();
  if (!existsSync(main)) fail('src/cli/main.ts is not there: the checkout is not complete.');
  const ownGroup = process.platform !== 'win32';
  const child = spawn(node, [...nodeFlags, '--import', follow, main, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: runEnv(),
    detached: ownGroup,
  });
  const lastAt = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = Date.now();
      const repeated = now - (lastAt.get(signal) ?? 0) < REPEAT_MS;
      lastAt.set(signal, now);
      // On Windows the console tells the child itself.
      if (!repeated && ownGroup) child.kill(signal);
    });
  }
  child.once('error', (error) => fail(`Node could not be started (${error.message}).`));
  child.once('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
