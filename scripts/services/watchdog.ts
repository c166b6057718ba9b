/**
 * Ends servers whose owner is gone. A test run starts PostgreSQL and Redis as children; if the run is killed they
 * would go on for ever and keep their folders. So the run tells a small process of its own what it has started; when
 * the pipe between them closes, for whatever reason, that process ends what is left and removes the folders.
 *
 * This file is both sides: `guard()` is called by the run, `watch()` is the process itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
/** A process to be ended, how, and the folder that goes with it. */
type Guarded = { readonly pid: number; readonly signal: NodeJS.Signals; readonly folder: string };

const GRACE_MS = 3_000;
let watchdog: (ChildProcess & { stdin: Socket }) | undefined;
let lastId = 0;

/** Has process `pid` ended (with `signal` first) and `folder` removed if this process dies. Returns how to call it off. */
export function guard({ pid, signal, folder }: Guarded): () => void {
  const id = ++lastId;
  tell({ id, pid, signal, folder });
  return () => tell({ id });
}

function tell(message: { readonly id: number } & Partial<Guarded>): void {
  if (!watchdog) {
    // A pipe to a child is a socket, which the types do not say.
    watchdog = spawn(process.execPath, [self, 'watch'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    }) as unknown as ChildProcess & { stdin: Socket };
    watchdog.once('error', () => {});
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    watchdog.stdin.unref();
  }
  watchdog.stdin.write(`${JSON.stringify(message)}\n`);
}

async function watch(): Promise<void> {
  // A Ctrl-C is for the run; the watchdog's turn comes when the run has ended.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const guarded = new Map<number, Guarded>();
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...entry } = JSON.parse(line);
    if (entry.pid) guarded.set(id, entry);
    else guarded.delete(id);
  }
  await Promise.all([...guarded.values()].map(end));
}

async function end({ pid, signal, folder }: Guarded): Promise<void> {
  send(pid, signal);
  await gone(pid);
  send(pid, 'SIGKILL');
  await gone(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function gone(pid: number): Promise<void> {
  for (const until = Date.now() + GRACE_MS; isRunning(pid) && Date.now() < until; ) await delay(20);
}

function isRunning(pid: number): boolean {
  if (!send(pid, 0)) return false;
  try {
    // A dead process whose parent has not asked for its exit code ("zombie") still takes signals.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

if (process.argv[1] === self && process.argv[2] === 'watch') await watch();
