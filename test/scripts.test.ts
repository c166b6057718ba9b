import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { withLock } from '../scripts/bootstrap/lock.mjs';
import { createReport } from '../scripts/report.ts';
import { repository } from './support/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('processes that ask for one lock work one after the other', async () => {
  const log = join(folder, 'log');
  const program = `
    import { appendFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(pathToFileURL(join(repository, 'scripts', 'bootstrap', 'lock.mjs')).href)};
    await withLock(${JSON.stringify(join(folder, 'shared.lock'))}, 'waiting', async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ' + process.pid + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 50));
      appendFileSync(${JSON.stringify(log)}, 'out ' + process.pid + '\\n');
    });`;
  const workers = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', program]));
  expect(await Promise.all(workers.map((worker) => once(worker, 'exit')))).toEqual(workers.map(() => [0, null]));
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(8);
  for (let index = 0; index < lines.length; index += 2) {
    expect(lines[index + 1]).toBe(lines[index]?.replace('in', 'out'));
  }
});

test('the lock of a process that died is taken over, and a lock is given back after a fault', async () => {
  const path = join(folder, 'stale.lock');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(path, `${pid}\n`);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(path, longAgo, longAgo);
  await expect(withLock(path, 'waiting', () => Promise.reject(new Error('fault')))).rejects.toThrow('fault');
  expect(existsSync(path)).toBe(false);
});

test('a run ends with the counts of everything, and fails if anything did', async () => {
  const lines: string[] = [];
  const report = createReport((line) => lines.push(line));
  await report.step('good', async () => ({ code: 0, output: 'not shown' }));
  report.add({ passed: 3, failed: 0 });
  expect(report.close()).toBe(0);
  await report.step('bad', async () => ({ code: 2, output: 'shown' }));
  await report.step('broken', () => Promise.reject(new Error('the reason')));
  expect(report.close()).toBe(1);
  expect(lines.map((line) => line.replace(/ \(.*\)/, ''))).toEqual([
    'ok     good',
    '4 passed, 0 failed',
    'FAILED bad',
    'shown',
    'FAILED broken',
    'the reason',
    '4 passed, 2 failed',
  ]);
});

test('a run that tested nothing has failed', () => {
  expect(createReport(() => {}).close()).toBe(1);
});
