import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from './watchdog.ts';

const READY_MS = 60_000;
const STOP_MS = 10_000;
const TRIES = 10;
// What a server says when the port was taken between our look and its start, or when the workers of its killed
// predecessor are not quite gone.
const AGAIN = /address already in use|pre-existing shared memory|lock file .* already exists/i;

type ServerPlan = {
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly options: SpawnOptions;
  readonly folder: string;
  readonly isReady: (port: number, pid: number) => boolean | Promise<boolean>;
  readonly stopSignal: NodeJS.Signals;
  readonly abortSignal: NodeJS.Signals;
};

type Started = {
  readonly child: ChildProcess;
  readonly port: number;
  readonly exited: Promise<unknown>;
  gone: boolean;
  readonly callOff: () => void;
};

/** A server in the background, and what can be done to it. */
export type Server = {
  readonly port: number;
  readonly logFile: string;
  pid(): number | undefined;
  signal(signal: NodeJS.Signals): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a server in the background on a free port of 127.0.0.1, with its log in `folder`, and waits until
 * `isReady(port, pid)`. The folder belongs to the server: `stop()` removes it, and so does the watchdog, which also
 * ends the server, if this process dies. Throws with the log's end if the server does not come up.
 */
export async function startServer({
  name,
  command,
  args,
  options,
  folder,
  isReady,
  stopSignal,
  abortSignal,
}: ServerPlan): Promise<Server> {
  const logFile = join(folder, 'log');
  let server: Started;

  async function start(port: number): Promise<Started> {
    const log = openSync(logFile, 'a');
    const logStart = statSync(logFile).size;
    const child = spawn(command, args(port), { ...options, stdio: ['ignore', log, log] });
    closeSync(log);
    const exited = new Promise<unknown>((resolve) => child.once('exit', resolve).once('error', resolve));
    const it: Started = {
      child,
      port,
      exited,
      gone: false,
      callOff: child.pid ? guard({ pid: child.pid, signal: abortSignal, folder }) : () => {},
    };
    exited.then(() => {
      it.gone = true;
      child.unref();
    });
    for (const until = Date.now() + READY_MS; it.gone || !(await isReady(port, child.pid!)); await delay(20)) {
      if (!it.gone && Date.now() < until) continue;
      child.kill('SIGKILL');
      await exited;
      it.callOff();
      throw new Error(`${name} did not start:\n${readFileSync(logFile, 'utf8').slice(logStart).slice(-2000)}`);
    }
    child.unref();
    return it;
  }

  async function startAgain(port?: number): Promise<Started> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start(port ?? (await freePort()));
      } catch (error) {
        if (attempt === TRIES || !AGAIN.test((error as Error).message)) throw error;
        await delay(100 * attempt);
      }
    }
  }

  async function end(): Promise<void> {
    const { child, exited, gone } = server;
    if (gone) return;
    child.ref();
    if (process.platform !== 'win32') child.kill('SIGCONT');
    child.kill(stopSignal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
  }

  try {
    server = await startAgain();
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
  return {
    port: server.port,
    logFile,
    pid: () => server.child.pid,
    signal: (signal) => void server.child.kill(signal),
    async restart() {
      await end();
      const { callOff, port } = server;
      server = await startAgain(port);
      callOff();
    },
    async stop() {
      await end();
      removeFolder(folder);
      server.callOff();
    },
  };
}

/** Removes a server's folder; files that a dying worker still writes are tried again. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** A port of 127.0.0.1 that nothing listens on at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
