import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import type { Send } from './support/gate.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

describe.each(engines)('connectors of each kind on %s', (engine) => {
  let bench: Workbench;
  let owner: Send;
  let server: Server;
  let smtp: SMTPServer;
  let web: string;
  let mailPort: number;
  const arrivals: { request: IncomingMessage; body: string }[] = [];
  const letters: { to: string[]; raw: string }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      arrivals.push({ request, body: Buffer.concat(chunks).toString() });
      const status = request.url === '/closed' ? 401 : request.url === '/broken' ? 503 : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"said":"a secret thing"}');
    });
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        let raw = '';
        stream.on('data', (chunk) => (raw += chunk));
        stream.on('end', () => {
          letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    web = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    mailPort = (smtp.server.address() as AddressInfo).port;
    bench = await openWorkbench(engine, {}, undefined, `${web}, 127.0.0.1:${mailPort}`);
    owner = bench.people.owner;
  });
  afterAll(async () => {
    await bench?.close();
    server?.close();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
  });

  const connector = async (kind: string, config: object): Promise<{ id: string }> =>
    made(await owner('POST', '/v1/connectors', { name: `${kind} ${randomBytes(4).toString('hex')}`, kind, config }));
  const mailConfig = () => ({ host: '127.0.0.1', port: mailPort, security: 'none', from: 'agents@example.com' });

  test('an e-mail waits with its recipients and body on the card, and is sent as it was approved', async () => {
    const { id } = await connector('email', mailConfig());
    const tool = made(
      await owner('POST', '/v1/tools', {
        name: `mail.send_${engine}`,
        effect: 'send',
        connector_id: id,
        handler_kind: 'email',
        input_schema: {
          type: 'object',
          required: ['to', 'subject'],
          additionalProperties: false,
          properties: {
            to: { type: 'string', format: 'email' },
            subject: { type: 'string' },
            text: { type: 'string' },
          },
        },
      }),
    );
    const client = await bench.newClient();
    await bench.newGrant(client.id, tool.name, 'approve');
    const call = { tool: tool.name, arguments: { to: 'ann@example.org', subject: 'Late', text: 'It comes tomorrow.' } };
    const { approval_id } = made(await client.send('POST', '/api/agent/gateway', call));
    const card = made(await bench.people.admin('GET', `/v1/approvals/${approval_id}`));
    expect(card.call).toMatchObject({
      sentence: expect.stringContaining('mailto:ann@example.org'),
      details: { to: 'ann@example.org', subject: 'Late', body: 'It comes tomorrow.', from: 'agents@example.com' },
      destination: { method: 'E-MAIL', url: 'mailto:ann@example.org' },
    });
    expect(letters).toEqual([]);
    const granted = { decision: 'approve', payload_sha256: card.payload_sha256 };
    made(await bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, granted));
    const sent = made(await client.send('POST', '/api/agent/gateway', { ...call, approval_id }));
    expect(sent).toMatchObject({ status: 'executed', result: { accepted: ['ann@example.org'] } });
    expect(letters.splice(0)).toMatchObject([
      { to: ['ann@example.org'], raw: expect.stringContaining('It comes tomorrow.') },
    ]);
  });

  test('a webhook is signed with the secret that the connector names, and keeps it', async () => {
    made(await owner('POST', '/v1/secrets', { name: 'HOOK_KEY', value: SECRET, hosts: [web] }));
    const { id } = await connector('webhook', { url: `http://${web}/hook`, signing_secret: '{{secret:HOOK_KEY}}' });
    const tool = made(
      await owner('POST', '/v1/tools', {
        name: `hook.tell_${engine}`,
        effect: 'read',
        connector_id: id,
        handler_kind: 'webhook',
        input_schema: { type: 'object' },
      }),
    );
    const client = await bench.newClient();
    await bench.newGrant(client.id, tool.name, 'auto');
    const reply = await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { a: 1 } });
    expect(reply).toMatchObject({ status: 200, body: { status: 'executed' } });
    const { request, body } = arrivals.at(-1)!;
    expect(new Webhook(SECRET).verify(body, request.headers as Record<string, string>)).toEqual({
      tool: tool.name,
      args: { a: 1 },
    });
    expect(JSON.stringify(await bench.entries())).not.toContain(SECRET);
    // Only the name of a secret is taken, and only one that is bound to where the calls go.
    const other = { url: 'https://elsewhere.example/hook', signing_secret: '{{secret:HOOK_KEY}}' };
    expect(await owner('POST', '/v1/connectors', { name: 'w2', kind: 'webhook', config: other })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'config.signing_secret', message: expect.stringContaining('not bound') }] },
    });
  });

  test.each([
    ['http', { base_url: 'http://10.1.2.3' }, 'config.base_url'],
    ['openapi', { base_url: 'http://localhost:9' }, 'config.base_url'],
    ['webhook', { url: 'http://192.168.0.9/in', signing_secret: '{{secret:NONE}}' }, 'config.url'],
    ['email', { host: '127.0.0.1', port: 25, security: 'none', from: 'a@example.com' }, 'config.host'],
  ])('a private destination of the kind %s is refused when it is entered', async (kind, config, field) => {
    const reply = await owner('POST', '/v1/connectors', { name: `to ${kind}`, kind, config });
    expect(reply).toMatchObject({
      status: 422,
      body: { errors: [{ field, message: expect.stringMatching(/egress guard/) }] },
    });
  });

  test('trying a connector says whether somebody answers, and not what they say', async () => {
    const test = async ({ id }: { id: string }) => owner('POST', `/v1/connectors/${id}/test`);
    const fine = await connector('http', { base_url: `http://${web}/v1`, headers: { 'X-Key': '{{secret:HOOK_KEY}}' } });
    expect(await test(fine)).toMatchObject({
      status: 200,
      body: { ok: true, detail: 'It answers (200).', http_status: 200 },
    });
    expect(arrivals.at(-1)!.request).toMatchObject({ method: 'GET', url: '/v1', headers: { 'x-key': SECRET } });
    const closed = await test(await connector('openapi', { base_url: `http://${web}/closed` }));
    expect(closed.body).toEqual({ ok: false, detail: 'It answers, and refuses who asks (401).', http_status: 401 });
    expect(closed.text).not.toContain('secret thing');
    expect(await test(await connector('http', { base_url: `http://${web}/broken` }))).toMatchObject({
      body: { ok: false, http_status: 503 },
    });
    expect(await test(await connector('http', { base_url: 'https://nobody.invalid' }))).toMatchObject({
      body: { ok: false, http_status: null },
    });
    expect(await test(await connector('email', mailConfig()))).toMatchObject({ body: { ok: true } });
    expect(letters).toEqual([]);
    const hook = await connector('webhook', { url: `http://${web}/hook`, signing_secret: '{{secret:HOOK_KEY}}' });
    expect(await test(hook)).toMatchObject({ body: { ok: true, http_status: 200 } });
    expect(arrivals.at(-1)!.request.method).toBe('GET');
    const told = await bench.entries({ resources: [fine.id] });
    expect(told.at(-1)).toMatchObject({
      event_type: 'connector.tested',
      outcome: 'answered',
      data: { http_status: 200 },
    });
    made(await owner('DELETE', `/v1/connectors/${fine.id}`));
    expect(await test(fine)).toMatchObject({ status: 409 });
    expect(await bench.people.member('POST', `/v1/connectors/${hook.id}/test`)).toMatchObject({ status: 403 });
  });

  test('a curl command is read as a draft that can be saved as it is', async () => {
    const command = `curl -X POST http://${web}/v1/notes -H 'Authorization: Bearer 0123456789abcdef0123' -d '{"text": "hi"}'`;
    const draft = made(await owner('POST', '/v1/tools/from-curl', { command }));
    expect(JSON.stringify(draft)).not.toContain('0123456789abcdef');
    for (const { name, host } of draft.secrets) {
      made(await owner('POST', '/v1/secrets', { name, value: 'the real key of it', hosts: [host] }));
    }
    const { id } = await connector('http', draft.connector.config);
    const tool = made(
      await owner('POST', '/v1/tools', { ...draft.tool, name: `curl.notes_${engine}`, connector_id: id }),
    );
    const client = await bench.newClient();
    await bench.newGrant(client.id, tool.name, 'auto');
    made(await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'hello' } }));
    expect(arrivals.at(-1)).toMatchObject({
      body: '{"text":"hello"}',
      request: { headers: { authorization: 'Bearer the real key of it' } },
    });
    expect(await owner('POST', '/v1/tools/from-curl', { command: 'rm -rf /' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'command' }] },
    });
  });
});
