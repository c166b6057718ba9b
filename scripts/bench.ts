/** `npm run bench`: starts a PostgreSQL and a Redis for the benchmark, and runs bench/main.ts with the arguments given. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onSignals, run, stopChildren } from './bootstrap/child.mjs';
import { nodeFlags } from './bootstrap/launch.mjs';
import { childEnv, fail, node24, root, runMain, Stopped } from './bootstrap/runtime.mjs';
import { startPostgres } from './services/postgres.ts';
import { findPostgres } from './services/postgres-binaries.ts';
import { fetchRedis, startRedis } from './services/redis.ts';

/** A server that has run for a while writes its log into files it has. A new one fills 16 MB with zeros for each, several times a second. */
const SETTLED = { wal_init_zero: 'off' };

runMain(async () => {
  const main = join(root, 'bench', 'main.ts');
  if (!existsSync(main)) fail('bench/main.ts is not there yet.');
  const off = onSignals(stopChildren);
  const running: { stop(): Promise<void> }[] = [];
  const env: Record<string, string> = {};
  const provide = async (
    variable: string,
    found: { readonly missing?: string },
    start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
  ): Promise<void> => {
    if (process.env[variable]) return;
    if (found.missing) {
      process.stderr.write(`Without ${variable}: ${found.missing}.\n`);
      return;
    }
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
