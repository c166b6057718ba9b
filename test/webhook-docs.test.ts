import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { newSigningSecret, signedHeaders } from '../src/notify/webhooks/signature.ts';
import { until } from './faults/support/waiting.ts';
import { repository } from './support/sources.ts';

/** The receivers of docs/webhooks.md, as they stand there, take what we sign and refuse what was changed. */

const page = readFileSync(join(repository, 'docs/webhooks.md'), 'utf8');
const codeOf = (name: string): string => new RegExp(`\`\`\`\\w+ example=${name}\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill();
});

const hasPython = ((): boolean => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

test.each([
  { name: 'standardwebhooks', start: [process.execPath, '--input-type=module', '-e'] },
  { name: 'python', start: ['python3', '-c'] },
])('$name', async ({ name, start }) => {
  if (name === 'python' && !hasPython) return;
  const secret = newSigningSecret();
  const port = await freePort();
  let said = '';
  const [program, ...args] = start;
  child = spawn(program!, [...args, codeOf(name)], {
    cwd: repository,
    env: { ...process.env, PORT: String(port), WEBHOOK_SECRET: secret },
  });
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  const body = JSON.stringify({ event_id: 'evt_1', event_type: 'approval.granted', data: {} });
  const post = (sent: string, at = new Date()): Promise<number | undefined> =>
    fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: sent,
      headers: signedHeaders([newSigningSecret(), secret], { id: 'dlv_1', at, body }),
    }).then(
      ({ status }) => status,
      () => undefined,
    );
  await until('it takes what is signed', async () => (await post(body)) === 204, 20_000);
  // It has answered by then, and what it printed comes by another way.
  await expect.poll(() => said).toContain('approval.granted');
  expect(await post(body.replace('granted', 'denied'))).toBe(400);
  expect(await post(body, new Date(Date.now() - 3_600_000))).toBe(400);
});

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
