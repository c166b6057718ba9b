/**
 * What every script stands on: packages that match the lockfile, and a Node 24 to run the TypeScript with.
 * Runs on any Node from 20, before anything is installed, so it imports nothing but Node itself.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onSignals } from './child.mjs';
import { withLock } from './lock.mjs';

/** The repository's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Where scripts keep what can be made again; not in git. */
export const cache = join(root, '.cache');

const modules = join(root, 'node_modules');
const lockfile = join(root, 'package-lock.json');
// npm writes this file last, and deletes it first, so it tells what a finished install left behind.
const installed = join(modules, '.package-lock.json');
const stampFile = join(modules, '.countersign-install.json');
const platform = `${process.platform}-${process.arch}`;
const NODE_MAJOR = 24;

/**
 * Prints a sentence for a person and ends the process.
 *
 * @param {string} sentence
 * @returns {never}
 */
export function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Makes node_modules match package-lock.json, and does nothing when it does already. With `dev` the development
 * packages belong to it; an install with them also serves a caller who needs none. Only one process installs at a
 * time, and an install that was cut off is begun again.
 */
export async function ensureInstalled({ dev }) {
  if (isInstalled(dev)) return;
  await withLock(
    join(cache, 'install.lock'),
    'Packages are being installed by another run; waiting for it…',
    async (holdOn) => {
      if (isInstalled(dev)) return;
      if (process.platform === 'win32' && process.execPath.startsWith(modules)) {
        fail(
          'The packages are out of date and this run holds one of them open. Run `npm ci`, then this command again.',
        );
      }
      await install(dev, holdOn);
      if (!isInstalled(dev))
        fail(
          'npm finished, but node_modules still does not match package-lock.json. Run `npm ci` and look at its messages.',
        );
    },
  );
}

/**
 * The path of a Node that runs TypeScript: the one npm brought, or this process's own from version 24 on.
 * Ends the process with a sentence where there is neither.
 *
 * @returns {string}
 */
export function node24() {
  const bundled = bundledNode();
  const stamp = readJson(stampFile);
  if (bundled && (stamp ? stamp.node : versionOf(bundled))) return bundled;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  if (!existsSync(installed)) return fail('The packages are not installed yet. Run `npm start` or `npm ci` first.');
  return fail(
    `Countersign runs on Node ${NODE_MAJOR}, which npm brings for Linux with glibc (x64, arm64), macOS and Windows (x64). ` +
      `Here (${platform}) there is none that runs, and this is Node ${process.versions.node}. ` +
      `Install Node ${NODE_MAJOR} or newer and run the command again.`,
  );
}

/**
 * The path of a package's command, to be run with `node24()`.
 *
 * @param {string} packageName
 * @param {string} command
 * @returns {string}
 */
export function bin(packageName, command = packageName) {
  const folder = join(modules, packageName);
  const entry = readJson(join(folder, 'package.json'))?.bin;
  const path = typeof entry === 'string' ? entry : entry?.[command];
  return path ? join(folder, path) : fail(`${packageName} is not installed. Run \`npm ci\`.`);
}

/**
 * The environment for children: Node 24 first on PATH, as npm does it, so that shebangs find it too.
 *
 * @param {Readonly<Record<string, string>>} extra
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnv(extra = {}) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, [name]: [dirname(node24()), process.env[name]].filter(Boolean).join(separator), ...extra };
}

function isInstalled(dev) {
  const stamp = readJson(stampFile);
  const key = installKey();
  if (!key) return false;
  if (stamp?.key === key && (stamp.dev || !dev)) return true;
  // A person may have run npm by hand: believe what npm left if it is what the lockfile asks for.
  if (!matchesLockfile(dev)) return false;
  writeStamp({ key, dev, node: versionOf(bundledNode()) });
  return true;
}

/** Changes with the lockfile, the platform and every npm run that touched node_modules. */
function installKey() {
  const at = statSync(installed, { throwIfNoEntry: false })?.mtimeMs;
  if (!at) return undefined;
  return `${createHash('sha256').update(readFileSync(lockfile)).digest('hex')} ${platform} ${at}`;
}

function matchesLockfile(dev) {
  const wanted = readJson(lockfile)?.packages;
  if (!wanted) return fail('package-lock.json is missing or not readable.');
  const found = readJson(installed)?.packages;
  if (!found) return false;
  const required = Object.entries(wanted).filter(
    ([path, it]) =>
      path.startsWith('node_modules/') &&
      (isRuntime(path, it) || (!it.optional && !it.devOptional && (dev || !it.dev))),
  );
  return (
    Object.values(found).every(fitsPlatform) &&
    required.every(([path, it]) => found[path] && found[path].version === it.version && existsSync(join(root, path)))
  );
}

/** npm goes on without an optional package whose download failed, but the runtime is one we cannot do without. */
function isRuntime(path, it) {
  return /^node_modules\/node-(bin-)?(linux|darwin|win)/.test(path) && fitsPlatform(it);
}

function fitsPlatform(it) {
  return !excludes(it.os, process.platform) && !excludes(it.cpu, process.arch);
}

function excludes(list, value) {
  const names = [list ?? []].flat();
  const allowed = names.filter((name) => !name.startsWith('!'));
  return names.includes(`!${value}`) || (allowed.length > 0 && !allowed.includes(value));
}

async function install(dev, holdOn) {
  rmSync(stampFile, { force: true });
  const [command, prefix] = npmCommand();
  const args = [
    ...prefix,
    'ci',
    '--ignore-scripts',
    dev ? '--include=dev' : '--omit=dev',
    '--loglevel=error',
    '--no-progress',
  ];
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const line = 'Installing packages (first start only, about a minute)…';
  const tty = process.stderr.isTTY;
  process.stderr.write(tty ? line : `${line}\n`);
  const ticker = tty && setInterval(() => process.stderr.write(`\r${line} ${seconds()} s`), 1000);

  const child = spawn(command, args, {
    cwd: root,
    env: npmEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (child.pid) holdOn(child.pid);
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const off = onSignals((signal) => child.kill(signal));
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.code === 'ENOENT' ? 'npm was not found on PATH.' : error.message));
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  clearInterval(ticker);
  const stopped = off();
  if (tty) process.stderr.write('\n');
  if (stopped) throw new Stopped(stopped);
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    throw new Error(
      `The packages could not be installed (npm ci: ${code}). What npm said is above; run the command again to retry.`,
    );
  }
  writeStamp({ key: installKey(), dev, node: versionOf(bundledNode()) });
  process.stderr.write(`Packages installed in ${seconds()} s.\n`);
}

/** Someone pressed Ctrl-C or asked the process to end, and the work has been put down cleanly. */
export class Stopped extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`Stopped by ${signal}.`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/**
 * Runs a script's main function; a fault becomes one sentence on stderr and a failing exit code.
 *
 * @param {() => Promise<void>} main
 */
export function runMain(main) {
  main().catch((error) => {
    if (!(error instanceof Stopped)) process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
    process.exit(error.exitCode ?? 1);
  });
}

function npmCommand() {
  const cli = process.env.npm_execpath;
  // The npm that started us, on the Node it runs on: the Node in node_modules is about to be replaced.
  if (cli && /npm-cli\.js$/.test(cli)) return [process.env.npm_node_execpath ?? process.execPath, [cli]];
  return ['npm', []];
}

/**
 * The environment for npm. Options of the npm that started us (--omit, --workspace, --dry-run …) and NODE_ENV would
 * change what is installed, so only those about reaching the registry are kept.
 */
function npmEnv() {
  const kept =
    /^npm_config_(registry|.*proxy|ca|cafile|cert|key|strict_ssl|cache|userconfig|globalconfig|offline|prefer_offline|fetch_.*|maxsockets|_auth.*|\/\/.*|@.*)$/i;
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (/^npm_/i.test(name) && !kept.test(name)) continue;
    if (name !== 'NODE_ENV' && name !== 'INIT_CWD') env[name] = value;
  }
  const folder = env.npm_config_cache ?? join(env.HOME ?? env.USERPROFILE ?? root, '.npm');
  if (!isWritable(folder)) env.npm_config_cache = join(cache, 'npm');
  return env;
}

function isWritable(folder) {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function bundledNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return [`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`, `node-bin-${platform}`]
    .map((folder) => join(modules, folder, 'bin', name))
    .find((path) => existsSync(path));
}

/** The version a Node reports, or undefined where it does not run (built for another libc, say). */
function versionOf(node) {
  if (!node) return undefined;
  const { status, stdout } = spawnSync(node, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return status === 0 ? stdout.trim() : undefined;
}

function writeStamp(stamp) {
  try {
    writeFileSync(stampFile, `${JSON.stringify(stamp)}\n`);
  } catch {
    // A read-only checkout works; it only looks more closely each time.
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
