import { fetchChromium, fetchWholeChromium, findChromium, findWholeChromium } from './services/chromium.ts';
import { startPostgres } from './services/postgres.ts';
import { findPostgres } from './services/postgres-binaries.ts';
import { fetchRedis, findRedis, startRedis } from './services/redis.ts';

/** A program that was found, or why there is none. */
type Program = { readonly path?: string; readonly missing?: string };
type Found = {
  readonly postgres: { readonly bin?: string; readonly missing?: string };
  readonly redis: Program;
  readonly chromium: Program;
  /** A Chromium that shows notices, which that of `chromium` may not. */
  readonly wholeChromium: Program;
};
/** A part that cannot be run for want of what it needs. */
type Missing = { readonly name: string; readonly part: string; readonly why: string };
export type StartedServices = {
  readonly env: Readonly<Record<string, string>>;
  readonly missing: readonly Missing[];
  readonly stop: () => Promise<unknown>;
};

/**
 * The outside programs that tests and benchmarks need. With `fetch` what is missing is fetched from Debian's packages
 * where that can be done; otherwise only what is there is used.
 */
export async function findServices({ fetch }: { readonly fetch: boolean }): Promise<Found> {
  return {
    postgres: findPostgres(),
    redis: await (fetch ? fetchRedis : findRedis)(),
    chromium: await (fetch ? fetchChromium : findChromium)(),
    wholeChromium: await (fetch ? fetchWholeChromium : findWholeChromium)(),
  };
}

/**
 * Starts the servers that were found, unless TEST_DATABASE_URL or TEST_REDIS_URL name others. Resolves `env` (what to
 * hand to tests), `missing` (which part cannot be run, and why) and `stop()`.
 */
export async function startServices({ postgres, redis, chromium, wholeChromium }: Found): Promise<StartedServices> {
  const env: Record<string, string> = {};
  const missing: Missing[] = [];
  const running: { stop(): Promise<void> }[] = [];
  const start = async (
    name: string,
    part: string,
    found: { readonly missing?: string },
    variable: string,
    run: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
  ): Promise<void> => {
    if (process.env[variable]) return;
    try {
      if (found.missing) throw new Error(found.missing);
      const server = await run();
      running.push(server);
      env[variable] = server.url;
    } catch (error) {
      missing.push({ name, part, why: (error as Error).message });
    }
  };
  if (postgres.bin) env.TEST_POSTGRES_BIN = postgres.bin;
  if (redis.path) env.TEST_REDIS_SERVER = redis.path;
  if (chromium.path) env.TEST_CHROMIUM = chromium.path;
  else missing.push({ name: 'Chromium', part: 'the tests of the pages', why: chromium.missing ?? 'there is none' });
  if (wholeChromium.path) env.TEST_CHROMIUM_WHOLE = wholeChromium.path;
  else
    missing.push({
      name: 'the whole Chromium',
      part: 'the test of pushed notices',
      why: wholeChromium.missing ?? 'there is none',
    });
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
