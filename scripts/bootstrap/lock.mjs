import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 2_000;
const STALE_MS = 300_000;
const POLL_MS = 200;

/**
 * Runs `work` while no other process that asks for the same lock file does. `waiting` is printed once if another
 * holds it. A holder that died is recognised by its process id and its missing heartbeat (ids alone mean nothing to
 * another container on the same folder). `work` gets a function to name a child which, should it outlive this
 * process, holds the lock on.
 *
 * @template T
 * @param {string} path
 * @param {string} waiting
 * @param {(holdOn: (pid: number) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, waiting, work) {
  mkdirSync(dirname(path), { recursive: true });
  for (let said = false; !take(path); said = true) {
    if (!said) process.stderr.write(`${waiting}\n`);
    breakIfDead(path);
    await delay(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work((child) => writeFileSync(path, `${process.pid}\n${child}\n`));
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

function take(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead holder. A second lock, held for an instant, keeps two waiters from both doing so. */
function breakIfDead(path) {
  if (!isDead(path)) return;
  const breaker = `${path}.break`;
  if (!take(breaker)) {
    if (ageMs(breaker) > STALE_MS) rmSync(breaker, { force: true });
    return;
  }
  if (isDead(path)) rmSync(path, { force: true });
  rmSync(breaker, { force: true });
}

function isDead(path) {
  const age = ageMs(path);
  if (age === undefined) return false;
  if (age > STALE_MS) return true;
  const holders = readText(path).split('\n').map(Number);
  // An empty file is a lock being written at this very moment.
  return holders.every((pid) => pid > 0 && !isAlive(pid)) && age > HEARTBEAT_MS * 2;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ageMs(path) {
  const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return at === undefined ? undefined : Date.now() - at;
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Removed by hand: whoever did so wanted the next one in.
  }
}
