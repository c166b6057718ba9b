import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPostgres, startPostgres } from '../../support/services.ts';
import { until } from './waiting.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024);
const SIZE_MEGABYTES = 384;

/** A disk of one's own that can be filled. */
export type SmallDisk = {
  /** Takes all the space that is left. */
  fill(): void;
  /** Takes what is left but so many bytes. */
  fillBut(bytes: number): void;
  /** Gives it back. */
  free(): void;
  /** Lazily: open files stay until they are closed, and nothing is mounted whatever happens next. */
  unmount(): void;
};

/** Whether this machine lets us mount: Linux, as root, not in a container that forbids it. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mount-'));
  const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
  if (mounted) run('umount', folder);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}

/** Mounts an empty small disk on a folder. */
export function mountSmallDisk(folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true });
  must('mount', '-t', 'tmpfs', '-o', `size=${SIZE_MEGABYTES}m`, 'tmpfs', folder);
  const filler = join(folder, 'filler');
  return {
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (let written = 0; written <= SIZE_MEGABYTES; written += 1) writeSync(file, MEGABYTE);
        throw new Error('The disk is larger than it should be');
      } catch (fault) {
        if ((fault as { code?: string }).code !== 'ENOSPC') throw fault;
      } finally {
        closeSync(file);
      }
    },
    fillBut(bytes) {
      const { bavail, bsize } = statfsSync(folder);
      const file = openSync(filler, 'a');
      try {
        for (let left = bavail * bsize - bytes; left > 0; left -= MEGABYTE.length)
          writeSync(file, MEGABYTE, 0, Math.min(left, MEGABYTE.length));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmount: () => void run('umount', '-l', folder),
  };
}

/** Starts a PostgreSQL whose whole data directory, with its WAL, is on a small disk. */
export async function startPostgresOnSmallDisk(): Promise<{ postgres: RunningPostgres; disk: SmallDisk }> {
  const settings = { shared_buffers: '32MB', max_wal_size: '64MB', min_wal_size: '32MB' };
  const postgres = await startPostgres({ settings });
  const { dataDir } = postgres;
  const copy = `${dataDir}-copy`;
  let disk: SmallDisk | undefined;
  try {
    postgres.kill('SIGINT');
    await until('PostgreSQL has stopped', () => !existsSync(join(dataDir, 'postmaster.pid')));
    must('cp', '-a', dataDir, copy);
    disk = mountSmallDisk(dataDir);
    must('cp', '-a', `${copy}/.`, dataDir);
    rmSync(copy, { recursive: true });
    await postgres.restart();
    return { postgres, disk };
  } catch (fault) {
    disk?.unmount();
    await postgres.stop();
    throw fault;
  }
}

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function must(command: string, ...args: string[]): void {
  if (!run(command, ...args)) throw new Error(`${command} ${args.join(' ')} failed`);
}
