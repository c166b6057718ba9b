import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { egressExceptions } from '../../egress-exceptions.ts';
import { callTo, read, serveHttp, TENANT } from '../../loopback.fixture.ts';
import { useSecrets } from '../../secrets/used.ts';
import { describeCall, hostOfConnector, refuseTarget } from '../../shapes.ts';
import { createUpstream } from '../../upstream.ts';
import { webhook } from './kind.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const config = (url: string) => ({ url, signing_secret: '{{secret:HOOK}}', headers: { 'X-From': 'countersign' } });

type Seen = { body: string; headers: Record<string, string> };

/** Sends one call to a server that answers `status`, with `secret` as the signing secret. */
async function post(secret: string, status = 200): Promise<{ outcome: unknown; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = await serveHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push({ body: Buffer.concat(chunks).toString(), headers: request.headers as Record<string, string> });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"taken":true}');
  });
  const upstream = createUpstream({ allow: [`127.0.0.1:${server.port}`] });
  const args = { order: 7, note: 'ü "x"' };
  const connector = { kind: 'webhook', config: config(`http://127.0.0.1:${server.port}/hooks/in`) };
  const prepared = upstream.prepare({
    ...callTo('', {}, args),
    handlerKind: 'webhook',
    handlerConfig: {},
    connector,
    toolName: 'order.place',
  });
  if (prepared.kind === 'refused') throw new Error(prepared.detail);
  expect(prepared.secrets).toEqual({ names: ['HOOK'], host: `127.0.0.1:${server.port}` });
  const secrets = useSecrets(new Map([['HOOK', secret]]));
  const outcome = read(await upstream.execute(prepared, { executionId: 'exe_01test', secrets }));
  await upstream.close(0);
  await server.close();
  return { outcome, seen };
}

test('a call arrives as {tool, args}, and the standardwebhooks package verifies it', async () => {
  const { outcome, seen } = await post(SECRET);
  expect(outcome).toEqual({ kind: 'executed', result: { taken: true }, httpStatus: 200 });
  const [{ body, headers }] = seen as [Seen];
  expect(new Webhook(SECRET).verify(body, headers)).toEqual({ tool: 'order.place', args: { order: 7, note: 'ü "x"' } });
  expect(headers).toMatchObject({
    'webhook-id': 'exe_01test',
    'idempotency-key': 'exe_01test',
    'x-from': 'countersign',
    'content-type': 'application/json',
  });
  expect(() => new Webhook(SECRET).verify(body.replace('7', '8'), headers)).toThrow();
  expect(() => new Webhook(`whsec_${randomBytes(32).toString('base64')}`).verify(body, headers)).toThrow();
});

test('what is no signing key signs nothing, and nothing is sent', async () => {
  for (const secret of ['not a key at all', 'whsec_dG9vIHNob3J0', 'whsec_***************************']) {
    const { outcome, seen } = await post(secret);
    expect(outcome).toMatchObject({ kind: 'refused', detail: expect.stringContaining('whsec_') });
    expect(JSON.stringify(outcome)).not.toContain(secret);
    expect(seen).toEqual([]);
  }
});

test('another status is a failure', async () => {
  expect((await post(SECRET, 500)).outcome).toMatchObject({ kind: 'failed', error: { http_status: 500 } });
});

test('a private destination is refused when it is entered, with the setting that allows it', () => {
  const fault = refuseTarget('webhook', config('http://127.0.0.1:4010/in'), TENANT, egressExceptions([]));
  expect(fault).toMatchObject({ member: 'url', message: expect.stringContaining('COUNTERSIGN_EGRESS_ALLOW=') });
  expect(refuseTarget('webhook', config('https://hooks.example.com/in'), TENANT, egressExceptions([]))).toBeNull();
  expect(hostOfConnector('webhook', config('https://hooks.example.com/in'))).toBe('hooks.example.com');
});

test('the signing secret is named, never written', () => {
  for (const signing_secret of [SECRET, '', 'x {{secret:HOOK}}', '{{secret:hook}}']) {
    expect(webhook.connectorConfig.safeParse({ ...config('https://a.example'), signing_secret }).success).toBe(false);
  }
});

test('the card says where it goes', () => {
  const route = {
    handlerKind: 'webhook',
    handlerConfig: {},
    connector: { kind: 'webhook', config: config('https://hooks.example.com/in') },
  };
  expect(describeCall(route, { a: 1 })).toMatchObject({
    sentence: 'signed webhook to hooks.example.com/in',
    destination: { method: 'POST', url: 'https://hooks.example.com/in' },
  });
});
