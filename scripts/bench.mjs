/** `npm run bench`: starts a PostgreSQL and a Redis for the benchmark, and runs bench/main.ts with the arguments given. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onSignals, run, stopChildren } from './child.mjs';
import { nodeFlags } from './launch.mjs';
import { childEnv, ensureInstalled, fail, node24, root, runMain, Stopped } from './runtime.mjs';
import { startPostgres } from './services/postgres.mjs';
import { findPostgres } from './services/postgres-binaries.mjs';
import { fetchRedis, startRedis } from './services/redis.mjs';

/** A server that has run for a while writes its log into files it has. A new one fills 16 MB with zeros for each, several times a second. */
const SETTLED = { wal_init_zero: 'off' };

runMain(async () => {
  await ensureInstalled({ dev: true });
  const main = join(root, 'bench', 'main.ts');
  if (!existsSync(main)) fail('bench/main.ts is not there yet.');
  const off = onSignals(stopChildren);
  const running = [];
  const env = {};
  const provide = async (variable, found, start) => {
    if (process.env[variable]) return;
    if (found.missing) return process.stderr.write(`Without ${variable}: ${found.missing}.\n`);
    const server = await start();
    running.push(server);
    env[variable] = server.url;
  };
  try {
    await provide('TEST_DATABASE_URL', findPostgres(), () => startPostgres({ settings: SETTLED }));
    await provide('TEST_REDIS_URL', await fetchRedis(), startRedis);
    const { code } = await run(node24(), [...nodeFlags, main, ...process.argv.slice(2)], {
      cwd: root,
      env: childEnv(env),
      echo: true,
    });
    process.exitCode = code;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
  const stopped = off();
  if (stopped) throw new Stopped(stopped);
});
