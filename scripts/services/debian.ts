import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../bootstrap/child.mjs';
import { withLock } from '../bootstrap/lock.mjs';
import { cache } from '../bootstrap/runtime.mjs';

const folder = join(cache, 'debian');
type Ran = { readonly code: number; readonly output: string };

const WAIT_FOR_APT_MS = 180_000;

/** The path of a command, or undefined. */
export function onPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((place) => join(place, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Whether this machine has Debian's package tools. */
export function isDebian(): boolean {
  return process.platform === 'linux' && Boolean(onPath('apt-get') && onPath('dpkg'));
}

/** Whether Debian's packages may be installed into the system. */
export function mayInstall(): boolean {
  return isDebian() && process.getuid?.() === 0;
}

/** The root of what `unpack(name)` has unpacked, if it has. */
export function unpacked(name: string): string | undefined {
  const place = join(folder, name);
  return existsSync(place) ? place : undefined;
}

/** Where the shared libraries of an unpacked package are, as LD_LIBRARY_PATH wants them. */
export function librariesOf(place: string): string {
  const libraries = join(place, 'usr', 'lib');
  const triplets = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu')) : [];
  return triplets.map((name) => join(libraries, name)).join(':');
}

/**
 * Fetches Debian packages, with what they need and this system lacks, and unpacks them into the cache under `name`.
 * The system is not changed and no service is started; root is not needed. Throws with what apt said.
 */
export async function unpack(name: string, packages: readonly string[]): Promise<void> {
  await withLock(join(cache, 'debian.lock'), 'Another run is fetching Debian packages; waiting for it…', async () => {
    if (unpacked(name)) return;
    const work = join(folder, `${name}-${process.pid}`);
    const lists = join(work, 'apt');
    const debs = join(work, 'debs');
    const tree = join(work, 'tree');
    for (const path of [
      join(lists, 'state', 'lists', 'partial'),
      join(lists, 'cache', 'archives', 'partial'),
      debs,
      tree,
    ])
      mkdirSync(path, { recursive: true });
    const own = [
      '-q',
      '-o',
      `Dir::State=${join(lists, 'state')}`,
      '-o',
      'Dir::State::status=/var/lib/dpkg/status',
      '-o',
      `Dir::Cache=${join(lists, 'cache')}`,
      '-o',
      'APT::Sandbox::User=',
      '-o',
      'Debug::NoLocking=true',
    ];
    try {
      await must('apt-get', [...own, 'update']);
      const plan = await must('apt-get', [...own, '-s', 'install', '--no-install-recommends', ...packages]);
      const names = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, it]) => it!);
      await must('apt-get', [...own, 'download', ...(names.length > 0 ? names : packages)], { cwd: debs });
      for (const deb of readdirSync(debs)) await must('dpkg', ['-x', join(debs, deb), tree]);
      renameSync(tree, join(folder, name));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Installs Debian packages into the system (root only), waiting for another apt to finish. Throws with what apt said. */
export async function install(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-q', '-o', `DPkg::Lock::Timeout=${WAIT_FOR_APT_MS / 1000}`];
  // Old lists may do when the update fails; the installation tells.
  await withPatience(() => run('apt-get', [...patient, 'update'], { env }));
  const { code, output } = await withPatience(() =>
    run('apt-get', [...patient, 'install', '-y', '--no-install-recommends', ...packages], { env }),
  );
  if (code !== 0) throw new Error(`apt-get install ${packages.join(' ')}:\n${lastLines(output)}`);
}

async function withPatience(work: () => Promise<Ran>): Promise<Ran> {
  for (const until = Date.now() + WAIT_FOR_APT_MS; ; await delay(2_000)) {
    const result = await work();
    if (result.code === 0 || !/could not get lock|unable to lock/i.test(result.output) || Date.now() > until)
      return result;
  }
}

async function must(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<string> {
  const { code, output } = await run(command, args, { ...options, env: { ...process.env, LC_ALL: 'C' } });
  if (code !== 0) throw new Error(`${command} ${args.slice(-4).join(' ')}:\n${lastLines(output)}`);
  return output;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-8).join('\n');
