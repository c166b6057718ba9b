import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { send } from '../support/gate.ts';
import { PROGRAM, programEnv } from '../support/program.ts';
import { longFaults } from '../support/services.ts';
import { createTestDatabase } from '../support/store.ts';

const KILLS = longFaults ? 40 : 3;
/** The first start on a new directory takes a few seconds; kills are spread over all of them, and a little more. */
const START_MAX_MS = 300_000;

type Started = {
  readonly ready: Promise<boolean>;
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
  log(): string;
};

function startDemo(env: Record<string, string | undefined>): Started {
  const child = spawn(process.execPath, [PROGRAM, 'demo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: programEnv({ PORT: '0', ...env }),
  });
  const exited = once(child, 'exit');
  let output = '';
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const ready = new Promise<boolean>((resolve) => {
    child.stdout.on('data', (text) => {
      output += text;
      if (output.includes('Countersign is ready')) resolve(true);
    });
    child.once('exit', () => resolve(false));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { ready, end, log: () => log };
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function newPlace(engine: string): Promise<Record<string, string | undefined>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-first-'));
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const database = engine === 'postgres' ? await createTestDatabase() : undefined;
  cleanUps.push(() => database?.drop());
  return { COUNTERSIGN_DATA_DIR: dataDir, DATABASE_URL: database?.url };
}

/** A demo that works: everybody in demo.json can sign in, and every token makes a call. */
async function expectWorks(env: Record<string, string | undefined>): Promise<void> {
  const started = startDemo(env);
  cleanUps.push(() => started.end('SIGKILL'));
  expect(await started.ready, started.log()).toBe(true);
  const demo = JSON.parse(readFileSync(join(env.COUNTERSIGN_DATA_DIR!, 'demo.json'), 'utf8'));
  const ask = send(demo.url);
  expect(demo.workspaces.map(({ slug }: { slug: string }) => slug)).toEqual(['demo', 'other']);
  for (const { users, clients } of demo.workspaces) {
    for (const { email, password } of users) {
      expect((await ask('POST', '/api/auth/sign-in/email', { email, password })).status).toBe(200);
    }
    for (const { token } of clients) {
      const call = await send(demo.url, { authorization: `Bearer ${token}` })('POST', '/api/agent/gateway', {
        tool: 'notes.draft',
        arguments: { text: 'It works.' },
      });
      expect(call.status, call.text).toBeLessThan(300);
    }
  }
  expect(existsSync(join(env.COUNTERSIGN_DATA_DIR!, 'demo.json.new'))).toBe(false);
  await started.end('SIGTERM');
}

describe.each(engines)('a first start on %s', (engine) => {
  test(`that is killed, ${KILLS} times at any moment, is finished by the next`, {
    timeout: KILLS * START_MAX_MS,
  }, async () => {
    const began = performance.now();
    await expectWorks(await newPlace(engine));
    const wholeMs = performance.now() - began;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const env = await newPlace(engine);
      const started = startDemo(env);
      await Promise.race([started.ready, delay(((kill + Math.random()) / KILLS) * wholeMs)]);
      await started.end('SIGKILL');
      await expectWorks(env);
    }
  });

  test('that cannot have its port leaves nothing behind, and the next works', { timeout: START_MAX_MS }, async () => {
    const env = await newPlace(engine);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    cleanUps.push(() => taken.close());
    const { port } = taken.address() as { port: number };
    const refused = startDemo({ ...env, PORT: String(port) });
    expect(await refused.ready).toBe(false);
    expect(refused.log()).toContain(`PORT ${port} of 127.0.0.1 is in use.`);
    expect(readdirSync(env.COUNTERSIGN_DATA_DIR!).filter((name) => /^db|\.json/.test(name))).toEqual([]);
    await expectWorks(env);
  });
});
