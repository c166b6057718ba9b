import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../api/app.ts';
import { type DemoWorkspace, seedDemo } from '../demo/seed.ts';
import { startDemoUpstream } from '../demo/upstream.ts';
import { type Id, newId } from '../kernel/ids.ts';
import { start } from '../server.ts';
import { BadSettings, readSettings } from '../settings.ts';
import { stopOnSignals } from './serve.ts';

/** What `<data dir>/demo.json` holds: where the demo is and how to sign in. Readable by its owner only. */
type DemoFile = { url: string; upstream_url: string; workspaces: DemoWorkspace[] };

/** `countersign demo`: serves a workspace to try things out in. Everything made in it is kept. */
export async function demoCommand(): Promise<void> {
  // A newcomer's terminal shows where to go, not every request.
  const settings = readSettings({ COUNTERSIGN_LOG_LEVEL: 'warn', ...process.env });
  const dataDir = settings.COUNTERSIGN_DATA_DIR;
  const file = join(dataDir, 'demo.json');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const kept: DemoFile | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (kept === undefined) process.stderr.write('Making the demo (first start only, a few seconds)…\n');

  const upstream = await startDemoUpstream({
    // The tools point at this port, so it stays the same.
    port: kept === undefined ? 0 : Number(new URL(kept.upstream_url).port),
    stateFile: join(dataDir, 'demo-upstream.json'),
  });
  let workspaces = kept?.workspaces;
  // The exception for the upstream is this workspace's alone, so it has its id before it is made.
  const demoId = (kept?.workspaces[0]?.id ?? newId('org')) as Id<'org'>;
  const running = await start({
    settings,
    egressAllow: [`${demoId}@${new URL(upstream.url).host}`],
    async beforeServing(app) {
      if (workspaces !== undefined) return;
      await refuseOtherData(app);
      workspaces = await seedDemo(app, upstream.url, demoId);
    },
  });
  const demo: DemoFile = { url: running.url, upstream_url: upstream.url, workspaces: workspaces! };
  writeFileSync(`${file}.new`, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  stopOnSignals(running, () => upstream.close());
  process.stdout.write(welcome(demo, file, running.warnings));
}

/** The demo is not mixed into a database that somebody uses. */
async function refuseOtherData(app: App): Promise<void> {
  const someone = await app.store.people.selectFrom('auth_users').select('id').limit(1).executeTakeFirst();
  if (someone === undefined) return;
  throw new BadSettings('The database has people in it, but the demo was not made from here. Use `countersign serve`.');
}

function welcome(demo: DemoFile, file: string, warnings: readonly string[]): string {
  const [workspace] = demo.workspaces;
  const width = Math.max(...workspace!.users.map(({ email }) => email.length));
  const people = workspace!.users.map(
    ({ email, password, role }) => `  ${email.padEnd(width)}  ${password.padEnd(20)}  ${role}`,
  );
  return `
Countersign is ready: ${demo.url}

Sign in to the workspace "${workspace!.slug}" as
${people.join('\n')}

Make a governed call, as the agent ${workspace!.clients[0]!.name}:

  curl -s ${demo.url}/api/agent/gateway \\
    -H "Authorization: Bearer ${workspace!.clients[0]!.token}" \\
    -H "Content-Type: application/json" \\
    -d '{"tool":"help.search","arguments":{"q":"refund"}}'

The demo's upstream is ${demo.upstream_url} (its outbox: ${demo.upstream_url}/mail/outbox).
${warnings.map((warning) => `Note: ${warning}\n`).join('')}All of this is kept in ${file}. Ctrl-C stops it.
`;
}
