/** `npm run bench:lists`: starts a PostgreSQL, where there is one, and runs bench/lists.ts. */
import { join } from 'node:path';
import { onSignals, run, stopChildren } from './bootstrap/child.mjs';
import { nodeFlags } from './bootstrap/launch.mjs';
import { childEnv, node24, root, runMain, Stopped } from './bootstrap/runtime.mjs';
import { startPostgres } from './services/postgres.ts';
import { findPostgres } from './services/postgres-binaries.ts';

runMain(async () => {
  const off = onSignals(stopChildren);
  const found = findPostgres();
  if (found.missing) process.stderr.write(`Without PostgreSQL: ${found.missing}.\n`);
  const server = process.env.TEST_DATABASE_URL || found.missing ? undefined : await startPostgres({});
  try {
    const env: Record<string, string> = server === undefined ? {} : { TEST_DATABASE_URL: server.url };
    const args = [...nodeFlags, join(root, 'bench', 'lists.ts'), ...process.argv.slice(2)];
    const { code } = await run(node24(), args, { cwd: root, env: childEnv(env), echo: true });
    process.exitCode = code;
  } finally {
    await server?.stop();
  }
  const stopped = off();
  if (stopped) throw new Stopped(stopped);
});
