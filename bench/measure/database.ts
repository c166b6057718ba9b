import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type BenchDatabase = { readonly url: string; drop(): Promise<void> };

/** Makes an empty database on the server, for the length of a run. */
export async function createDatabase(serverUrl: string): Promise<BenchDatabase> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: async () => void (await query(serverUrl, `drop database ${name} with (force)`)) };
}

/** What of the server's settings decides how durable and how fast a commit is. */
export type ServerSettings = Readonly<Record<string, string>>;

/** Reads them. Throws for a server that does not flush commits to disk: its figures would be of something else. */
export async function durableSettings(serverUrl: string): Promise<ServerSettings> {
  const names = [
    'server_version',
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'wal_sync_method',
    'shared_buffers',
  ];
  const rows = await query(serverUrl, `select name, setting from pg_settings where name in ('${names.join("','")}')`);
  const settings: ServerSettings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  if (settings.fsync !== 'on' || settings.synchronous_commit === 'off') {
    throw new Error('The PostgreSQL of TEST_DATABASE_URL does not flush commits to disk (fsync, synchronous_commit).');
  }
  return settings;
}

async function query(url: string, text: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(text);
    return rows;
  } finally {
    await client.end();
  }
}
