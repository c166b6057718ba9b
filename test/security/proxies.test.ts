import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../faults/support/waiting.ts';
import { type Gate, type Send, send, startGate } from '../support/gate.ts';

/** Two real nginx in a row before a gate that trusts loopback: what an audit entry and a limit are counted by. */

const hasNginx = spawnSync('nginx', ['-v']).status === 0;
if (!hasNginx) {
  console.warn('test/security/proxies.test.ts is left out: there is no nginx (Debian: nginx-light).');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The outer proxy sets what it knows; the inner one passes on and appends, as documented for nginx. */
function configOf(directory: string, outer: number, inner: number, gateUrl: string): string {
  const proxy = (listen: number, target: string, headers: string): string => `
    server {
      listen 127.0.0.1:${listen};
      location / {
        proxy_pass ${target};
        proxy_http_version 1.1;
        proxy_set_header Host $host:${outer};
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        ${headers}
      }
    }`;
  return `
  daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
  events { worker_connections 64; }
  http {
    access_log off;
    client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/f;
    uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
    ${proxy(outer, `http://127.0.0.1:${inner}`, 'proxy_set_header X-Forwarded-Proto https;')}
    ${proxy(inner, gateUrl, '')}
  }`;
}

describe.skipIf(!hasNginx)('behind nginx', () => {
  let gate: Gate;
  let directory: string;
  let nginx: ChildProcess;
  let outside: string;
  let through: Send;

  beforeAll(async () => {
    gate = await startGate('pglite', { COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1' });
    directory = mkdtempSync(join(tmpdir(), 'countersign-nginx-'));
    const [outer, inner] = [await freePort(), await freePort()];
    writeFileSync(join(directory, 'nginx.conf'), configOf(directory, outer, inner, gate.url));
    nginx = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: 'ignore' });
    outside = `http://127.0.0.1:${outer}`;
    through = send(outside);
    await until(
      'nginx serves',
      async () => (await through('GET', '/healthz').catch(() => null))?.status === 200,
      20_000,
    );
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => nginx?.once('exit', resolve));
    if (nginx?.kill()) await gone;
    await gate?.close();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  const signInAs = (headers: Record<string, string>, password = 'not the password') =>
    through('POST', '/api/auth/sign-in/email', { email: gate.demo.users[0]!.email, password }, headers);

  test('entries name the address that the outermost proxy we trust has seen', async () => {
    const { email, password } = gate.demo.users.find(({ role }) => role === 'admin')!;
    const entered = await through(
      'POST',
      '/api/auth/sign-in/email',
      { email, password },
      { 'x-forwarded-for': '203.0.113.7' },
    );
    const cookie = entered.headers
      .getSetCookie()
      .map((pair) => pair.split(';')[0])
      .join('; ');
    // The pages are asked for over TLS, as the proxy says, so their origin is https.
    const admin = send(outside, {
      cookie,
      origin: outside.replace('http:', 'https:'),
      'x-forwarded-for': '203.0.113.7',
    });
    expect((await admin('PATCH', '/v1/workspaces/current', { name: 'Renamed' })).status).toBe(200);
    await gate.sequenced();
    const { body } = await admin('GET', '/v1/audit?event=settings.updated');
    expect(body.items[0].entry.actor.ip).toBe('203.0.113.7');
  });

  test('people behind one proxy do not share a limit, and what one writes of oneself is not believed', async () => {
    const from = async (ip: string, times: number): Promise<number[]> => {
      const statuses: number[] = [];
      for (let tries = 0; tries < times; tries += 1) statuses.push((await signInAs({ 'x-forwarded-for': ip })).status);
      return statuses;
    };
    expect((await from('198.51.100.1', 11)).slice(-1)).toEqual([429]);
    expect(await from('198.51.100.2', 1)).toEqual([401]);
    // Whatever stands to the left of the address that a proxy has seen is the client's own invention.
    expect(await from('8.8.8.8, 198.51.100.1', 1)).toEqual([429]);
    expect(await from('127.0.0.1, 198.51.100.1', 1)).toEqual([429]);
  });
});
