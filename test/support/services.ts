/**
 * The outside programs that tests use. Which of them are there depends on the machine; a test that needs one says
 * `test.skipIf(!services.redisUrl)`, and `npm test` names the part that was left out.
 */
export { type RunningPostgres, startPostgres } from '../../scripts/services/postgres.ts';
export { type RunningRedis, startRedis } from '../../scripts/services/redis.ts';

/** Where the services are; undefined where this machine has none. */
export const services = {
  /** The superuser's URL of a shared PostgreSQL: make a database of your own, never use `postgres` itself. */
  databaseUrl: read('TEST_DATABASE_URL'),
  /** A shared Redis: use keys of your own, never flush it. */
  redisUrl: read('TEST_REDIS_URL'),
  /** A Chromium's binary. */
  chromium: read('TEST_CHROMIUM'),
  /** The binary of a Chromium that shows notices, which the one without windows does not. */
  wholeChromium: read('TEST_CHROMIUM_WHOLE'),
  /** Set where `startPostgres()` works: a PostgreSQL of one's own, to stop, kill and restart. */
  postgresBin: read('TEST_POSTGRES_BIN'),
  /** Set where `startRedis()` works. */
  redisServer: read('TEST_REDIS_SERVER'),
} as const;

/** Whether fault tests should run their long variants (`npm run faults`). */
export const longFaults = process.env.TEST_FAULTS === 'long';

function read(name: string): string | undefined {
  return process.env[name] || undefined;
}
