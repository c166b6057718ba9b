import { readFileSync } from 'node:fs';
import pg from 'pg';

/** Clock ticks of /proc, in microseconds: USER_HZ is 100 on every Linux. */
const TICK_US = 10_000;

/** Reads the CPU time that a PostgreSQL on this machine has used, in microseconds, with all its processes. */
export type PostgresCpu = () => number;

/**
 * Finds the server's processes under /proc. Undefined where that is not possible: not Linux, or the server is on
 * another machine or in another container.
 */
export async function postgresCpu(databaseUrl: string): Promise<PostgresCpu | undefined> {
  if (process.platform !== 'linux') return undefined;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = statOf(rows[0]!.pid);
    if (backend === undefined || !backend.command.startsWith('postgres')) return undefined;
    const postmaster = backend.parent;
    return () => {
      const self = statOf(postmaster);
      const children = childrenOf(postmaster).map((pid) => statOf(pid)?.ownTicks ?? 0);
      return children.reduce((sum, ticks) => sum + ticks, self ? self.ownTicks + self.reapedTicks : 0) * TICK_US;
    };
  } finally {
    await client.end();
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

type Stat = {
  readonly command: string;
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that have ended: a connection that was closed in between is not lost. */
  readonly reapedTicks: number;
};

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command is in parentheses and may hold anything; the fields after it are numbered from 3 (proc(5)).
  const command = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { command, parent: field(4), ownTicks: field(14) + field(15), reapedTicks: field(16) + field(17) };
}
