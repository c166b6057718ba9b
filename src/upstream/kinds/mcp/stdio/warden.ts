import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * A small process of its own that outlives this one where that is killed, and then ends the local servers: a server hears
 * of our end by the end of its stdin, and may not care. It is started with the first server and ends with the last.
 */

const PROGRAM = fileURLToPath(new URL('./warden-program.ts', import.meta.url));

const groups = new Set<number>();
let warden: ChildProcess | undefined;

/** Has a group of processes ended when this process is gone. Returns what takes that back, once the group has ended. */
export function guardGroup(group: number): () => void {
  groups.add(group);
  if (warden === undefined) start();
  else tell(`+${group}`);
  return () => {
    groups.delete(group);
    tell(`-${group}`);
    if (groups.size === 0) dismiss();
  };
}

function start(): void {
  const child = spawn(process.execPath, [PROGRAM], {
    // Out of our group: whoever ends that does not end it, too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    cwd: '/',
  });
  warden = child;
  child.unref();
  // Nothing keeps this process alive for its sake.
  (child.stdin as { unref?: () => void }).unref?.();
  child.stdin.on('error', () => {});
  const over = (): void => {
    if (warden !== child) return;
    warden = undefined;
    if (groups.size > 0) setTimeout(startAgain, RESTART_MS).unref();
  };
  child.once('error', over);
  child.once('exit', over);
  for (const group of groups) tell(`+${group}`);
}

const RESTART_MS = 1_000;

function startAgain(): void {
  if (warden === undefined && groups.size > 0) start();
}

function dismiss(): void {
  const child = warden;
  warden = undefined;
  child?.stdin?.end();
}

function tell(line: string): void {
  warden?.stdin?.write(`${line}\n`);
}
