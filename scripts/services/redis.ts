import { mkdtempSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDebian, librariesOf, onPath, unpack, unpacked } from './debian.ts';
import { startServer } from './server.ts';

const NAME = 'redis';

/** A Redis that belongs to the caller. */
export type RunningRedis = {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Signals it: SIGSTOP makes it hang, SIGCONT goes on, SIGKILL ends it. */
  signal(signal: NodeJS.Signals): void;
  /** Stops it if it runs, and starts it again, empty, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** The Redis server's binary: TEST_REDIS_SERVER, or one on PATH, or the one fetched earlier. `{ path }` or `{ missing }`. */
export function findRedis(): { path?: string; missing?: string } {
  const place = unpacked(NAME);
  const path =
    process.env.TEST_REDIS_SERVER ||
    onPath('redis-server') ||
    onPath('valkey-server') ||
    (place && join(place, 'usr', 'bin', 'redis-server'));
  return path ? { path } : { missing: 'there is no redis-server here' };
}

/** The same, fetching Debian's package into the cache if there is none. */
export async function fetchRedis(): Promise<{ path?: string; missing?: string }> {
  const found = findRedis();
  if (found.path || !isDebian()) return found;
  try {
    await unpack(NAME, ['redis-server']);
    return findRedis();
  } catch (error) {
    return { missing: `${found.missing}, and it could not be fetched: ${(error as Error).message}` };
  }
}

/**
 * Starts a Redis of its own on a free port of 127.0.0.1, without persistence. Whatever happens to this process, it is
 * gone afterwards.
 */
export async function startRedis(): Promise<RunningRedis> {
  const { path, missing } = findRedis();
  if (path === undefined) throw new Error(`Redis cannot be started: ${missing}.`);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'));
  const place = unpacked(NAME);
  const libraries = place && path.startsWith(place) ? { LD_LIBRARY_PATH: librariesOf(place) } : {};
  const server = await startServer({
    name: 'Redis',
    command: path,
    args: (port: number) => [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      '--loglevel',
      'warning',
    ],
    options: { cwd: folder, env: { ...libraries, PATH: process.env.PATH } },
    folder,
    isReady: answersPing,
    stopSignal: 'SIGTERM',
    abortSignal: 'SIGKILL',
  });
  return {
    url: `redis://127.0.0.1:${server.port}`,
    port: server.port,
    get pid() {
      return server.pid();
    },
    signal: server.signal,
    restart: server.restart,
    stop: server.stop,
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
