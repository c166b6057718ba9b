import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Upstream } from '../../upstream.ts';
import { callTool, openUpstream, pinOf, until } from './peer.fixture.ts';
import { parseStdioAllow, type StdioAllowance } from './stdio/allow.ts';

const SERVER = fileURLToPath(new URL('../../../../test/support/mcp-stdio-server.mjs', import.meta.url));
const open: Upstream[] = [];
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.close(0);
});

function allowing(text: string): readonly StdioAllowance[] {
  const parsed = parseStdioAllow(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.allow;
}

/** Calls of a server that is started with these arguments, as an operator allows them. */
function started(mode = 'plain', allow = `${process.execPath} ${SERVER} *`, options = {}) {
  const upstream = openUpstream([], { stdioAllow: allowing(allow), ...options });
  open.push(upstream);
  const config = { transport: 'stdio', command: process.execPath, args: [SERVER, mode] };
  const call = (tool: string, args: Record<string, unknown> = {}, more = {}, timeoutMs = 5_000) =>
    callTool(upstream, {
      timeoutMs,
      config: { ...config, ...more },
      tool,
      args,
      pin: pinOf({ name: tool, description: `Does ${tool}`, inputSchema: { type: 'object' } }),
    });
  const textOf = async (tool: string, args = {}, more = {}): Promise<string> => {
    const outcome = await call(tool, args, more);
    if (outcome.kind !== 'executed') throw new Error(JSON.stringify(outcome));
    return JSON.parse(outcome.result).content[0].text;
  };
  return { upstream, call, textOf };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test.each(['plain', 'modern', 'exits-on-discover'])('a local server (%s) is started and called', async (mode) => {
  const { textOf } = started(mode);
  expect(await textOf('echo', { text: 'hi' })).toBe('{"text":"hi"}');
  expect(await textOf('noise')).toBe('after the noise');
});

test('nothing is started that no setting allows exactly', async () => {
  const others = [
    '',
    `${process.execPath} ${SERVER}`,
    `${process.execPath} /elsewhere.mjs *`,
    `${process.execPath} ${SERVER} other`,
  ];
  for (const allow of others) {
    expect(await started('plain', allow).call('echo')).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
  }
  const { call } = started();
  expect(await call('echo', {}, { env: { NODE_OPTIONS: '--inspect' } })).toMatchObject({ kind: 'refused' });
  const elsewhere = `org_01m80m5h5re308pvzp7b8eqkmg@${process.execPath} ${SERVER} *`;
  expect(await started('plain', elsewhere).call('echo')).toMatchObject({ kind: 'refused' });
});

test('it has an environment of its own: nothing of ours, and of the connector only what was allowed', async () => {
  process.env.SOMETHING_OF_OURS = 'secret';
  const { textOf } = started('plain', `REGION=eu API_KEY=* ${process.execPath} ${SERVER} *`);
  const env = JSON.parse(await textOf('env', {}, { env: { API_KEY: 'k' } }));
  delete process.env.SOMETHING_OF_OURS;
  expect(Object.keys(env).sort()).toEqual(['API_KEY', 'HOME', 'LANG', 'PATH', 'REGION', 'TMPDIR']);
  expect(env).toMatchObject({ REGION: 'eu', API_KEY: 'k' });
  expect(env.HOME).toContain('countersign-mcp-');
});

test('a server that ends in the middle of a call leaves it unknown, is started again, and then less and less soon', async () => {
  const { call, textOf } = started();
  const first = Number(await textOf('pid'));
  expect(await call('crash')).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/code 7.*out of luck/) });
  const second = Number(await textOf('pid'));
  expect(second).not.toBe(first);
  expect(await call('crash')).toMatchObject({ kind: 'unknown' });
  expect(await call('pid')).toMatchObject({ kind: 'failed', message: expect.stringContaining('started again in') });
});

test('one that cannot start says why', async () => {
  expect(await started('dies').call('echo')).toMatchObject({
    kind: 'failed',
    code: 'connect_failed',
    message: expect.stringMatching(/code 3.*cannot find its configuration/),
  });
  const upstream = openUpstream([], { stdioAllow: allowing('/no/such/program') });
  open.push(upstream);
  expect(await callTool(upstream, { config: { transport: 'stdio', command: '/no/such/program' } })).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('ENOENT'),
  });
});

test('a call that is given up is told to the server, whose process goes on', async () => {
  const { upstream, textOf } = started();
  const pid = await textOf('pid');
  const config = { transport: 'stdio', command: process.execPath, args: [SERVER, 'plain'] };
  const pin = pinOf({ name: 'hang', description: 'Does hang', inputSchema: { type: 'object' } });
  expect(await callTool(upstream, { config, tool: 'hang', pin, timeoutMs: 300 })).toMatchObject({ kind: 'unknown' });
  expect(await textOf('pid')).toBe(pid);
});

test('what it asks after a call was given up is put to nobody: it may be about that call', async () => {
  const { upstream } = started();
  const config = { transport: 'stdio', command: process.execPath, args: [SERVER, 'plain'], relays: ['elicitation'] };
  const call = async (tool: string, caller: string, timeoutMs = 5_000) => {
    const record = async () => true;
    const relay = { tool, offers: ['elicitation'], returns: false, ask: async () => `{"of":"${caller}"}`, record };
    const pin = pinOf({ name: tool, description: `Does ${tool}`, inputSchema: { type: 'object' } });
    const sending = { caller, relay } as const;
    return JSON.stringify(await callTool(upstream, { config, tool, pin, timeoutMs, sending: sending as object }));
  };
  expect(await call('asks', 'one')).toContain('one');
  expect(await call('hang', 'one', 300)).toContain('unknown');
  expect(await call('asks', 'one')).toContain('-32601');
  // Another caller has a process of its own.
  expect(await call('asks', 'two')).toContain('two');
});

test('a line that is longer than is read ends the process', async () => {
  const { call } = started();
  expect(await call('long')).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('longer than is read') });
});

test.runIf(process.platform === 'linux')('more memory than it may take ends it', async () => {
  const { call } = started('plain', undefined, { stdioMemoryBytes: 200 * 1024 ** 2 });
  expect(await call('hog')).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('MiB of memory') });
});

test('its process and its directory go with the gate, also where it does not listen', async () => {
  const { upstream, textOf } = started('stays');
  const pid = Number(await textOf('pid'));
  const { HOME } = JSON.parse(await textOf('env'));
  await upstream.close(0);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(HOME)).toBe(false);
});

test('it goes when its connector does', async () => {
  const { upstream, textOf } = started();
  const pid = Number(await textOf('pid'));
  await Promise.all(upstream.servers.whose().map((whose) => upstream.servers.forget(whose)));
  expect(isAlive(pid)).toBe(false);
});

test('it has ended when it has, also where something that left its group holds its output open', async () => {
  const { upstream, textOf } = started();
  const daemon = Number(await textOf('daemon'));
  try {
    const whose = upstream.servers.whose();
    const ended = Promise.all(whose.map((one) => upstream.servers.forget(one))).then(() => 'ended');
    expect(await Promise.race([ended, setTimeout(8_000, 'still there')])).toBe('ended');
  } finally {
    process.kill(daemon, 'SIGKILL');
  }
});

test('one whose connector goes while it is started does not stay', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'mcp-test-')), 'pid');
  const { upstream, call } = started();
  const answer = call('echo', {}, { args: [SERVER, 'slow', file] });
  await until(() => existsSync(file));
  await Promise.all(upstream.servers.whose().map((whose) => upstream.servers.forget(whose)));
  expect(await answer).toMatchObject({ kind: 'failed', code: 'connect_failed' });
  const pid = Number(readFileSync(file, 'utf8'));
  await until(() => !isAlive(pid));
});

test('no more are started at a time than may run', async () => {
  const { call } = started('plain', undefined, { mcp: { maxProcesses: 1 } });
  const answers = await Promise.all([
    call('hang', {}, { args: [SERVER, 'slow'] }, 1_500),
    call('hang', {}, { args: [SERVER, 'plain'] }, 1_500),
  ]);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['failed', 'unknown']);
});

test('what one does not read is not kept without end', async () => {
  const { call, textOf } = started();
  await textOf('pid');
  await call('deaf', {}, {}, 1_000);
  const text = 'x'.repeat(900_000);
  const kinds: string[] = [];
  for (let count = 0; count < 30; count += 1) kinds.push((await call('echo', { text }, {}, 20)).kind);
  expect(kinds.at(-1)).toBe('failed');
});

test.each(['plain', 'stays'])('a gate that is killed leaves no server (%s) behind', async (mode) => {
  const program = `
    const { openUpstream, callTool, pinOf } = await import(${JSON.stringify(new URL('./peer.fixture.ts', import.meta.url).href)});
    const { parseStdioAllow } = await import(${JSON.stringify(new URL('./stdio/allow.ts', import.meta.url).href)});
    const command = process.execPath;
    const upstream = openUpstream([], { stdioAllow: parseStdioAllow(command + ' ${SERVER} ${mode}').allow });
    const pin = pinOf({ name: 'pid', description: 'Does pid', inputSchema: { type: 'object' } });
    const { result } = await callTool(upstream, { config: { transport: 'stdio', command, args: ['${SERVER}', '${mode}'] }, tool: 'pid', pin });
    console.log(JSON.parse(result).content[0].text);
  `;
  const gate = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(gate.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  gate.kill('SIGKILL');
  await until(() => !isAlive(pid));
});
