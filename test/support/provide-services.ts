import { findServices, startServices } from '../../scripts/services.ts';

/**
 * Gives the tests a PostgreSQL, a Redis and a Chromium. `npm test` has started them already and says so in the
 * environment; a bare `vitest run path` gets what this machine has, and nothing is installed.
 */
export default async function provideServices(): Promise<() => Promise<unknown>> {
  const { env, stop } = await startServices(await findServices({ fetch: false }));
  Object.assign(process.env, env);
  return stop;
}
