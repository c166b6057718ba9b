import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM, programEnv } from '../../support/program.ts';
import { repository } from '../../support/sources.ts';
import { until, within } from './waiting.ts';

/** A Countersign in a process of its own, as an operator runs it, to be killed. */
export type Node = {
  readonly url: string;
  readonly pid: number;
  /** Signals it; SIGKILL if none is named. */
  kill(signal?: NodeJS.Signals): void;
  /** How it ended, once it has. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to stdout. */
  output(): string;
  /** The end of what it wrote to stderr. */
  log(): string;
  /** Its memory now and at most so far, in bytes; only on Linux. */
  memory(): { readonly now: number; readonly peak: number };
};

export type NodeOptions = {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  /** Where calls may go although it is loopback. */
  readonly egressAllow: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A module of this folder that is loaded before everything else. */
  readonly preload?: string;
};

const STARTED_MS = 60_000;
const LOG_KEPT = 2_000_000;
/** A key of the tests' own, so that nodes share one. */
const SECRETS_KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256)).toString('base64');

const running = new Set<ChildProcess>();

/** Starts `countersign serve` on a free port and waits until it says that it is ready. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const { dataDir, databaseUrl, egressAllow, env, preload } = options;
  const preloads = [
    join(repository, 'scripts/bootstrap/follow-parent.mjs'),
    ...(preload ? [join(import.meta.dirname, preload)] : []),
  ];
  const child = spawn(process.execPath, [...preloads.flatMap((path) => ['--import', path]), PROGRAM, 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: programEnv({
      PORT: '0',
      COUNTERSIGN_DATA_DIR: dataDir,
      COUNTERSIGN_SECRETS_KEY: SECRETS_KEY,
      COUNTERSIGN_EGRESS_ALLOW: egressAllow,
      COUNTERSIGN_LOG_LEVEL: process.env.TEST_LOG ?? 'error',
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      ...env,
    }),
  });
  running.add(child);
  let output = '';
  let log = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    log = (log + chunk).slice(-LOG_KEPT);
  });
  let gone = false;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      gone = true;
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const url = await until(
    'a node is ready',
    () => {
      if (gone) throw new Error(`A node ended before it was ready:\n${log}`);
      return /is ready: (\S+)/.exec(output)?.[1];
    },
    STARTED_MS,
  );
  return {
    url,
    pid: child.pid!,
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    exited,
    output: () => output,
    log: () => log,
    memory: () => memoryOf(child.pid!),
  };
}

/** Ends every node that still runs, in whatever state it is. */
export async function endNodes(): Promise<void> {
  const ends = [...running].map((child) => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    return exited;
  });
  await within('the end of the nodes', 10_000, Promise.all(ends));
}

function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}
