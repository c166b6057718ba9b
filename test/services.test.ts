import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { services, startPostgres, startRedis } from './support/services.ts';
import { repository } from './support/sources.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test.skipIf(!services.postgresBin)(
  'a PostgreSQL of our own keeps its data when it is killed and restarted',
  async () => {
    const server = await startPostgres({ settings: { max_connections: 20 } });
    try {
      await query(server.url, 'create table kept as select 1 as row');
      server.kill();
      await server.restart();
      expect(await query(server.url, 'select * from kept')).toEqual([{ row: 1 }]);
      const [settings] = await query(
        server.url,
        `select current_setting('fsync') as fsync, current_setting('max_connections') as connections`,
      );
      expect(settings).toEqual({ fsync: 'on', connections: '20' });
    } finally {
      await server.stop();
    }
    expect(existsSync(server.dataDir)).toBe(false);
  },
);

test.skipIf(!services.redisServer)('a Redis of our own is back, and empty, after a restart', async () => {
  const server = await startRedis();
  try {
    const client = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: 20 });
    client.on('error', () => {});
    await client.set('key', 'value');
    server.signal('SIGSTOP');
    await server.restart();
    expect(await client.get('key')).toBeNull();
    client.disconnect();
  } finally {
    await server.stop();
  }
});

test.skipIf(!services.postgresBin)('no PostgreSQL outlives a process that was killed', async () => {
  const program = `
    import { startPostgres } from ${JSON.stringify(pathToFileURL(join(repository, 'scripts/services/postgres.ts')).href)};
    const { url, dataDir } = await startPostgres();
    console.log(JSON.stringify({ url, dataDir }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: owner.stdout }), 'line');
  const { url, dataDir } = JSON.parse(line) as { url: string; dataDir: string };
  expect(await query(url, 'select 1 as row')).toEqual([{ row: 1 }]);
  owner.kill('SIGKILL');
  while (existsSync(dataDir)) await delay(20);
  await expect(query(url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
});
