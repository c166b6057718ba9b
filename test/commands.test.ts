import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { endNodes, startNode } from './faults/support/node.ts';
import { engines } from './support/engines.ts';
import { type Reply, type Send, send } from './support/gate.ts';
import { PROGRAM, programEnv } from './support/program.ts';
import { readyDirectory } from './support/ready.ts';
import { createTestDatabase, type TestDatabase } from './support/store.ts';

/** A new installation, from nothing to somebody who is signed in, as an operator does it. */

const PASSWORD = 'seven brass lanterns';
const OTHER_PASSWORD = 'nine velvet umbrellas';
type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

const cookiesOf = (reply: Reply): string =>
  reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const tokenIn = (text: string, page: string): string =>
  new RegExp(`/${page}#token=([A-Za-z0-9_-]{43})\n`).exec(text)?.[1] ?? '';

/** Runs `countersign` with words, and a password on stdin where one is given. */
function run(words: string[], env: Record<string, string>, stdin = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      env: programEnv(env),
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdin.end(stdin);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

test.each<[string, string[], string, string]>([
  ['init says what is missing', ['init', '--email', 'a@example.com'], '', '--name is missing.'],
  ['an address of the wrong form', ['init', '--email', 'ada'], '', '--email: write an e-mail address such as'],
  ['a flag that is none', ['init', '--mail', 'ada'], '', "Unknown option '--mail'"],
  [
    'a short name of the wrong form',
    ['init', '--email', 'a@example.com', '--name', 'Ada', '--workspace', 'Acme Europe'],
    '',
    '--workspace: use 1 to 40 lower-case letters',
  ],
  [
    'a common password',
    ['init', '--email', 'a@example.com', '--name', 'Ada', '--workspace', 'acme', '--password-stdin'],
    'password123\n',
    'The password is easy to guess',
  ],
  ['user without a verb', ['user'], '', 'Usage: countersign user create <address> --name <name>'],
  ['user with another verb', ['user', 'delete', 'a@example.com'], '', 'Write what to do.'],
  ['workspace without an owner', ['workspace', 'create', 'acme'], '', '--owner is missing.'],
])('%s', async (_name, words, stdin, sentence) => {
  const { code, out, err } = await run(words, {}, stdin);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain(sentence);
  expect(err).not.toContain('    at ');
});

describe.each(engines)('a new installation on %s', (engine) => {
  let dataDir: string;
  let database: TestDatabase | undefined;
  let env: Record<string, string>;
  beforeAll(async () => {
    dataDir = readyDirectory();
    database = engine === 'postgres' ? await createTestDatabase() : undefined;
    env = { COUNTERSIGN_DATA_DIR: dataDir, ...(database && { DATABASE_URL: database.url }) };
  });
  afterEach(() => endNodes());
  afterAll(async () => {
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const serve = () => startNode({ dataDir, databaseUrl: database?.url, egressAllow: '' });
  const enter = (anyone: Send, email: string, password: string) =>
    anyone('POST', '/api/auth/sign-in/email', { email, password });

  test('serve prints a link that makes the owner and the workspace, once', async () => {
    const node = await serve();
    const anyone = send(node.url);
    const token = tokenIn(node.output(), 'setup');
    expect((await anyone('POST', '/api/auth/link', { token })).body).toEqual({ kind: 'setup' });
    const setUp = (password = PASSWORD, link = token) =>
      anyone('POST', '/api/auth/setup', {
        token: link,
        email: 'Ada@Example.com',
        name: 'Ada',
        password,
        workspace: { slug: 'acme', name: 'Acme Europe' },
      });
    expect((await setUp('aaaaaaaaaa')).body).toMatchObject({ status: 422, errors: [{ field: 'password' }] });
    expect((await setUp(PASSWORD, 'x'.repeat(43))).body).toMatchObject({ status: 404, code: 'link_invalid' });
    const answers = await Promise.all([setUp(), setUp(), setUp()]);
    const [made, ...others] = answers.sort((a, b) => a.status - b.status) as [Reply, Reply, Reply];
    expect(made.status).toBe(200);
    for (const { body } of others) expect(body.code).toBe('link_invalid');
    const owner = send(node.url, { cookie: cookiesOf(made), origin: node.url });
    expect((await owner('GET', '/v1/me')).body).toMatchObject({
      user: { email: 'ada@example.com', must_change_password: false },
      workspaces: [{ slug: 'acme', name: 'Acme Europe', role: 'owner' }],
    });
    expect(node.log()).not.toContain(token);

    if (engine === 'pglite') {
      const { code, err } = await run(['user', 'reset-password', 'ada@example.com'], env);
      expect(code).toBe(1);
      expect(err).toContain('stop the server, run this again, then start it.');
    }
  });

  test('a forgotten password is not final, and more people and workspaces are made from the command line', async () => {
    const reset = await run(['user', 'reset-password', 'ada@example.com'], env);
    expect(reset.err).toBe('');
    const created = await run(['user', 'create', 'grace@example.com', '--name', 'Grace'], env);
    const again = await run(['user', 'create', 'grace@example.com', '--name', 'Grace'], env);
    expect([again.code, again.err]).toEqual([1, 'grace@example.com has an account already.\n']);
    const unknown = await run(['workspace', 'create', 'second', '--owner', 'eve@example.com'], env);
    expect(unknown.err).toContain('Nobody has an account with eve@example.com.');
    const words = ['workspace', 'create', 'second', '--owner', 'grace@example.com', '--name', 'Second'];
    expect((await run(words, env)).out).toContain('The workspace "Second" (second, org_');
    const late = ['init', '--email', 'b@example.com', '--name', 'B', '--workspace', 'b'];
    expect((await run(late, env)).err).toBe('Countersign has been set up already. Sign in.\n');

    const node = await serve();
    expect(node.output()).not.toContain('#token=');
    const anyone = send(node.url);
    for (const [printed, email] of [
      [reset.out, 'ada@example.com'],
      [created.out, 'grace@example.com'],
    ] as const) {
      const token = tokenIn(printed, 'password');
      expect((await anyone('POST', '/api/auth/link', { token })).body).toEqual({ kind: 'password', email });
      const chosen = await anyone('POST', '/api/auth/password', { token, password: OTHER_PASSWORD });
      expect(chosen.body.user).toMatchObject({ email });
      expect((await enter(anyone, email, OTHER_PASSWORD)).status).toBe(200);
    }
    expect((await enter(anyone, 'ada@example.com', PASSWORD)).status).toBe(401);
  });
});

test('init makes up a password that has to be changed before anything else', async () => {
  const dataDir = readyDirectory();
  try {
    const env = { COUNTERSIGN_DATA_DIR: dataDir };
    const words = ['init', '--email', 'ada@example.com', '--name', 'Ada', '--workspace', 'acme'];
    const { out, err } = await run(words, env);
    expect(err).toBe('');
    const password = /^Password: (\S+)$/m.exec(out)![1]!;
    const node = await startNode({ dataDir, databaseUrl: undefined, egressAllow: '' });
    const anyone = send(node.url);
    const entered = await anyone('POST', '/api/auth/sign-in/email', { email: 'ada@example.com', password });
    expect(entered.body).toMatchObject({ must_change_password: true });
    const owner = send(node.url, { cookie: cookiesOf(entered), origin: node.url });
    expect((await owner('GET', '/v1/me')).body).toMatchObject({ code: 'password_change_required' });
    const change = { currentPassword: password, newPassword: PASSWORD };
    const changed = await owner('POST', '/api/auth/change-password', change);
    const free = send(node.url, { cookie: cookiesOf(changed), origin: node.url });
    expect((await free('GET', '/v1/me')).body).toMatchObject({ workspaces: [{ slug: 'acme', role: 'owner' }] });
  } finally {
    await endNodes();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
