import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../api/app.ts';
import { type DemoWorkspace, isThere, seedDemo } from '../demo/seed.ts';
import { type DemoUpstream, startDemoUpstream } from '../demo/upstream.ts';
import { type Id, newId } from '../kernel/ids.ts';
import { start } from '../server.ts';
import { BadSettings, readSettings } from '../settings.ts';
import { directoryFault, refuseDirectoryInUse } from '../startup/data-directory.ts';
import { lockDirectory } from '../store/engine/directory-lock.ts';
import { stopOnSignals } from './serve.ts';

/** What `<data dir>/demo.json` holds: where the demo is and how to sign in. Readable by its owner only. */
type DemoFile = { url: string; upstream_url: string; workspaces: DemoWorkspace[] };

/** `countersign demo`: serves a workspace to try things out in. Everything made in it is kept. */
export async function demoCommand(): Promise<void> {
  // A newcomer's terminal shows where to go, not every request.
  const settings = readSettings({ COUNTERSIGN_LOG_LEVEL: 'warn', ...process.env });
  const dataDir = settings.COUNTERSIGN_DATA_DIR;
  refuseDirectoryInUse(dataDir);
  // The embedded database holds the directory's lock itself.
  const release = settings.DATABASE_URL === undefined ? () => {} : lockDirectory(dataDir);
  const file = join(dataDir, 'demo.json');
  const unfinished = join(dataDir, 'demo.json.new');
  const finished = readDemo(file);
  const kept = finished ?? readDemo(unfinished);
  if (kept === undefined) process.stderr.write('Making the demo (first start only, a few seconds)…\n');

  const upstream = await openUpstream(dataDir, kept);
  let workspaces = finished?.workspaces ?? [];
  // The exception for the upstream is this workspace's alone, so it has its id before it is made.
  const demoId = (kept?.workspaces[0]?.id ?? newId('org')) as Id<'org'>;
  const running = await start({
    settings,
    egressAllow: [`${demoId}@${new URL(upstream.url).host}`],
    async beforeServing(app) {
      const [first] = kept?.workspaces ?? [];
      const isOurs = first !== undefined && (await isThere(app, first));
      if (isOurs && finished !== undefined) return;
      if (!isOurs) await refuseOtherData(app);
      workspaces = await seedDemo(app, upstream.url, demoId, {
        workspaces: kept?.workspaces ?? [],
        keep: (made) => writeDemo(unfinished, { url: '', upstream_url: upstream.url, workspaces: [...made] }),
      });
    },
  });
  const demo: DemoFile = { url: running.url, upstream_url: upstream.url, workspaces };
  writeDemo(file, demo);
  rmSync(unfinished, { force: true });
  stopOnSignals(running, () => upstream.close().finally(release));
  process.stdout.write(welcome(demo, file, running.warnings));
}

/** The demo's outside world. The tools point at its port, so it stays the same. */
async function openUpstream(dataDir: string, kept: DemoFile | undefined): Promise<DemoUpstream> {
  const port = kept === undefined ? 0 : Number(new URL(kept.upstream_url).port);
  try {
    return await startDemoUpstream({ port, stateFile: join(dataDir, 'demo-upstream.json') });
  } catch (fault) {
    if ((fault as { code?: string }).code !== 'EADDRINUSE') throw directoryFault(dataDir, fault);
    throw new BadSettings(
      `Port ${port}, at which the tools of the demo in ${dataDir} find its upstream, is in use. Stop what uses it, or set ` +
        'COUNTERSIGN_DATA_DIR to another directory to make another demo.',
    );
  }
}

function readDemo(file: string): DemoFile | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (fault) {
    throw new BadSettings(
      `${file} cannot be read (${(fault as Error).message}). Restore it, or set COUNTERSIGN_DATA_DIR to another directory to make another demo.`,
    );
  }
}

/** Replaces the file, and returns when it is on the disk. */
function writeDemo(file: string, demo: DemoFile): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(fresh, file);
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
