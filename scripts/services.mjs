import { fetchChromium, findChromium } from './services/chromium.mjs';
import { startPostgres } from './services/postgres.mjs';
import { findPostgres } from './services/postgres-binaries.mjs';
import { fetchRedis, findRedis, startRedis } from './services/redis.mjs';

/**
 * The outside programs that tests and benchmarks need. With `fetch` what is missing is fetched from Debian's packages
 * where that can be done; otherwise only what is there is used.
 */
export async function findServices({ fetch }) {
  return {
    postgres: findPostgres(),
    redis: await (fetch ? fetchRedis : findRedis)(),
    chromium: await (fetch ? fetchChromium : findChromium)(),
  };
}

/**
 * Starts the servers that were found, unless TEST_DATABASE_URL or TEST_REDIS_URL name others. Resolves `env` (what to
 * hand to tests), `missing` (which part cannot be run, and why) and `stop()`.
 */
export async function startServices({ postgres, redis, chromium }) {
  const env = {};
  const missing = [];
  const running = [];
  const start = async (name, part, found, variable, run) => {
    if (process.env[variable]) return;
    try {
      if (found.missing) throw new Error(found.missing);
      const server = await run();
      running.push(server);
      env[variable] = server.url;
    } catch (error) {
      missing.push({ name, part, why: error.message });
    }
  };
  if (postgres.bin) env.TEST_POSTGRES_BIN = postgres.bin;
  if (redis.path) env.TEST_REDIS_SERVER = redis.path;
  if (chromium.path) env.TEST_CHROMIUM = chromium.path;
  else missing.push({ name: 'Chromium', part: 'the tests of the pages', why: chromium.missing });
  await Promise.all([
    start(
      'PostgreSQL',
      'every suite on PostgreSQL (the embedded engine was tested)',
      postgres,
      'TEST_DATABASE_URL',
      startPostgres,
    ),
    start('Redis', 'the rate limits that nodes share', redis, 'TEST_REDIS_URL', startRedis),
  ]);
  return { env, missing, stop: () => Promise.all(running.map((server) => server.stop())) };
}
