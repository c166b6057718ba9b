import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { egressExceptions } from '../../egress-exceptions.ts';
import type { Lookup } from '../../guarded-connect.ts';
import { callTo, read, serveTcp, TENANT } from '../../loopback.fixture.ts';
import { useSecrets } from '../../secrets/used.ts';
import { describeCall, refuseTarget, takesOf } from '../../shapes.ts';
import { createUpstream } from '../../upstream.ts';
import { MAIL_HOST } from './certificate.fixture.ts';
import { email } from './kind.ts';

type Args = Record<string, unknown>;
type Taken = { raw: string; from: string; to: string[] };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A real mail server on loopback, and what it took. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          raw: Buffer.concat(chunks).toString(),
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, taken };
}

const configOf = (port: number, extra: object = {}) => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  from: 'agents@example.com',
  from_name: 'Agents',
  ...extra,
});

/** Sends one e-mail to a port on loopback, which an exception lets it reach. */
async function mail(
  port: number,
  args: Args,
  {
    handler = {},
    connector = {},
    timeoutMs = 10_000,
    secrets = new Map<string, string>(),
    lookup = undefined as Lookup | undefined,
  } = {},
): Promise<unknown> {
  const allow = ['127.0.0.1', SECURE_HOST, 'other.example.com'].map((host) => `${host}:${port}`);
  const upstream = createUpstream({ allow, ...(lookup && { lookup }) });
  cleanups.push(() => upstream.close(0));
  const through = { kind: 'email', config: configOf(port, connector) };
  const prepared = upstream.prepare({
    ...callTo('', {}, args),
    handlerKind: 'email',
    handlerConfig: handler,
    connector: through,
  });
  if (prepared.kind === 'refused') return prepared;
  return read(
    await upstream.execute(prepared, {
      executionId: 'exe_01test',
      timeoutMs,
      ...(prepared.secrets && { secrets: useSecrets(secrets) }),
    }),
  );
}

const SECURE_HOST = 'mail.example.com';
const LETTER = { to: 'ann@example.org', subject: 'Grüße', text: 'Hello\n.\nworld' };

test('a message arrives as it was approved: its recipients, subject, texts and files', async () => {
  const { port, taken } = await mailServer();
  const args = {
    ...LETTER,
    cc: ['bob@example.org'],
    bcc: ['eve@example.org'],
    reply_to: 'desk@example.com',
    html: '<p>Hello</p>',
    attachments: [{ filename: 'a.txt', content_type: 'text/plain', base64: Buffer.from('file').toString('base64') }],
  };
  expect(await mail(port, args)).toMatchObject({
    kind: 'executed',
    result: {
      accepted: ['ann@example.org', 'bob@example.org', 'eve@example.org'],
      rejected: [],
      message_id: '<exe_01test@example.com>',
    },
  });
  const [{ raw, from, to }] = taken as [Taken];
  expect([from, to]).toEqual(['agents@example.com', ['ann@example.org', 'bob@example.org', 'eve@example.org']]);
  expect(raw).not.toContain('eve@example.org');
  const parsed = await simpleParser(raw);
  expect(parsed).toMatchObject({ subject: 'Grüße', messageId: '<exe_01test@example.com>' });
  expect(parsed.text?.trim()).toBe('Hello\n.\nworld');
  expect(String(parsed.html).trim()).toBe('<p>Hello</p>');
  expect(parsed.replyTo?.text).toBe('desk@example.com');
  expect(parsed.from?.text).toBe('"Agents" <agents@example.com>');
  expect(parsed.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
    ['a.txt', 'file'],
  ]);
});

test.each<[string, Args]>([
  ['a header in an address', { ...LETTER, to: 'ann@example.org\r\nBcc: eve@example.org' }],
  ['a header in the subject', { ...LETTER, subject: 'x\r\nBcc: eve@example.org' }],
  ['a list inside of an address', { ...LETTER, to: 'ann@example.org, eve@example.org' }],
  ['a name beside an address', { ...LETTER, to: 'Ann <ann@example.org>' }],
  ['nobody', { ...LETTER, to: [] }],
  ['too many', { ...LETTER, to: Array.from({ length: 101 }, (_, at) => `p${at}@example.org`) }],
  ['no body', { to: LETTER.to, subject: 'x' }],
  ['what has no place', { ...LETTER, priority: 'high' }],
  ['a path as a file', { ...LETTER, attachments: [{ filename: '../x', base64: '' }] }],
  ['a file to be fetched', { ...LETTER, attachments: [{ filename: 'x', path: '/etc/passwd' }] }],
  ['an object as a body', { ...LETTER, text: { path: '/etc/passwd' } }],
])('%s is refused, and nobody is connected to', async (_, args) => {
  const { port, taken } = await mailServer();
  expect(await mail(port, args)).toMatchObject({ kind: 'refused', code: 'invalid_arguments' });
  expect(taken).toEqual([]);
});

test('what the tool fixes is no argument any more', async () => {
  const { port, taken } = await mailServer();
  const handler = { to: ['desk@example.com'], subject: 'From an agent' };
  expect(takesOf('email', handler)).toEqual({
    needed: [],
    others: ['cc', 'bcc', 'reply_to', 'text', 'html', 'attachments'],
  });
  expect(await mail(port, { text: 'x', to: 'eve@example.org' }, { handler })).toMatchObject({ kind: 'refused' });
  expect(await mail(port, { text: 'x' }, { handler })).toMatchObject({ kind: 'executed' });
  expect(taken[0]).toMatchObject({ to: ['desk@example.com'], raw: expect.stringContaining('Subject: From an agent') });
});

test('recipients, subject and body are on the card', () => {
  const route = {
    handlerKind: 'email',
    handlerConfig: {},
    connector: { kind: 'email', config: configOf(587, { host: 'smtp.example.com' }) },
  };
  expect(describeCall(route, { ...LETTER, bcc: 'eve@example.org' })).toEqual({
    sentence: 'e-mail to ann@example.org, eve@example.org',
    details: {
      from: 'agents@example.com',
      to: 'ann@example.org',
      bcc: 'eve@example.org',
      subject: 'Grüße',
      body: 'Hello\n.\nworld',
    },
    destination: { method: 'E-MAIL', url: 'mailto:ann@example.org,eve@example.org' },
  });
  expect(describeCall(route)).toMatchObject({ sentence: 'e-mail', destination: null });
});

test("the server's no is a failure with what it said, and some refused recipients are told", async () => {
  const { port } = await mailServer({
    onRcptTo({ address }, _, done) {
      done(address.startsWith('no') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
    },
  });
  expect(await mail(port, { ...LETTER, to: 'no1@example.org' })).toMatchObject({
    kind: 'failed',
    error: { code: 'upstream_error', http_status: 550, body: { text: expect.stringContaining('no such user') } },
  });
  expect(await mail(port, { ...LETTER, to: ['no1@example.org', 'yes@example.org'] })).toMatchObject({
    kind: 'executed',
    result: { accepted: ['yes@example.org'], rejected: ['no1@example.org'] },
  });
});

test('a server that goes away after the message leaves it unknown; before, nothing was sent', async () => {
  const talk = (upTo: string) => (socket: import('node:net').Socket) => {
    socket.write('220 here\r\n');
    let all = '';
    socket.on('data', (chunk: Buffer) => {
      all += chunk.toString();
      if (all.includes(upTo)) return socket.destroy();
      if (/DATA\r\n$/i.test(all)) socket.write('354 go on\r\n');
      else if (/(?:EHLO|MAIL|RCPT).*\r\n$/i.test(all)) socket.write('250 fine\r\n');
      return undefined;
    });
  };
  const after = await serveTcp(talk('\r\n.\r\n'));
  const before = await serveTcp(talk('MAIL FROM'));
  cleanups.push(
    () => after.close(),
    () => before.close(),
  );
  expect(await mail(after.port, LETTER)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('after the message had begun'),
  });
  expect(await mail(before.port, LETTER)).toMatchObject({ kind: 'failed', error: { code: 'connect_failed' } });
});

test('a server that says nothing costs the time of the call, and nothing was sent', async () => {
  const silent = await serveTcp(() => {});
  cleanups.push(() => silent.close());
  expect(await mail(silent.port, LETTER, { timeoutMs: 300 })).toMatchObject({
    kind: 'failed',
    error: { code: 'timeout_before_send' },
  });
});

test('nothing is said without TLS where it is asked for, and no password ever', async () => {
  const { port, taken } = await mailServer();
  const said = await mail(port, LETTER, {
    connector: { security: 'starttls', username: 'u', password: '{{secret:SMTP}}' },
    secrets: new Map([['SMTP', 'correct horse']]),
  });
  expect(said).toMatchObject({ kind: 'failed', error: { message: expect.stringContaining('') } });
  expect(taken).toEqual([]);
  expect(email.connectorConfig.safeParse(configOf(port, { username: 'u', password: '{{secret:SMTP}}' })).success).toBe(
    false,
  );
  expect(
    email.connectorConfig.safeParse(configOf(port, { security: 'tls', username: 'u', password: 'plain' })).success,
  ).toBe(false);
});

describe('with a user name and a password', () => {
  const authorities = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...authorities, MAIL_HOST.cert]));
  afterAll(() => setDefaultCACertificates(authorities));

  const PASSWORD = 'correct horse/battery+staple';
  type Tried = { readonly user: string; readonly pass: string; readonly secure: boolean };

  /** A server that takes mail over TLS and from one user alone. */
  async function strictServer(options: SMTPServerOptions): Promise<{ port: number; taken: Taken[]; tried: Tried[] }> {
    const tried: Tried[] = [];
    const server = await mailServer({
      ...MAIL_HOST,
      authOptional: false,
      disabledCommands: [],
      onAuth({ username, password }, { secure }, done) {
        tried.push({ user: String(username), pass: String(password), secure });
        if (username === 'agents' && password === PASSWORD) return done(null, { user: username });
        return done(Object.assign(new Error(`no: ${password}`), { responseCode: 535 }));
      },
      ...options,
    });
    return { ...server, tried };
  }
  const through = (security: string, password = PASSWORD, host = SECURE_HOST) => ({
    connector: { host, security, username: 'agents', password: '{{secret:SMTP}}' },
    secrets: new Map([['SMTP', password]]),
    lookup: ((_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])) as Lookup,
  });

  test.each<[string, SMTPServerOptions]>([
    ['tls', { secure: true }],
    ['starttls', { secure: false }],
  ])('over %s it signs in and hands the message over', async (security, options) => {
    const { port, taken, tried } = await strictServer(options);
    expect(await mail(port, LETTER, through(security))).toMatchObject({
      kind: 'executed',
      result: { accepted: ['ann@example.org'] },
    });
    expect(tried).toEqual([{ user: 'agents', pass: PASSWORD, secure: true }]);
    expect(taken[0]!.to).toEqual(['ann@example.org']);
  });

  test.each<[string, SMTPServerOptions]>([
    ['tls', { secure: true }],
    ['starttls', { secure: false }],
  ])('over %s a wrong one is told, and is in nothing that comes back', async (security, options) => {
    const { port, taken, tried } = await strictServer(options);
    const said = await mail(port, LETTER, through(security, 'wrong horse'));
    expect(said).toMatchObject({ kind: 'failed', error: { code: 'upstream_error', http_status: 535 } });
    expect(JSON.stringify(said)).not.toContain('wrong horse');
    expect([tried.length, taken]).toEqual([1, []]);
  });

  test.each<[string, SMTPServerOptions, string]>([
    ['a certificate of another name', { secure: true }, 'other.example.com'],
    ['no TLS', { disabledCommands: ['STARTTLS'], hideSTARTTLS: true }, SECURE_HOST],
  ])('%s: no password is sent', async (_, options, host) => {
    const { port, taken, tried } = await strictServer(options);
    const security = options.secure ? 'tls' : 'starttls';
    expect(await mail(port, LETTER, through(security, PASSWORD, host))).toMatchObject({ kind: 'failed' });
    expect([tried, taken]).toEqual([[], []]);
  });
});

test('a certificate that nobody vouches for is refused before anything is said', async () => {
  const { port, taken } = await mailServer({ disabledCommands: [] });
  expect(await mail(port, LETTER, { connector: { security: 'starttls' } })).toMatchObject({
    kind: 'failed',
    error: { code: 'tls_failed' },
  });
  expect(taken).toEqual([]);
});

test.each([
  ['127.0.0.1', 587],
  ['10.0.0.5', 25],
  ['169.254.169.254', 587],
  ['localhost', 25],
  ['[::1]', 465],
  ['smtp.example.com', 80],
  ['smtp.example.com', 22],
])('mail to %s port %i is refused when it is entered and when it is sent', async (host, port) => {
  const config = { host, port, security: 'none', from: 'a@example.com' };
  expect(refuseTarget('email', config, TENANT, egressExceptions([]))).toMatchObject({ member: 'host' });
  const upstream = createUpstream({ allow: [] });
  cleanups.push(() => upstream.close(0));
  const call = {
    ...callTo('', {}, LETTER),
    handlerKind: 'email',
    handlerConfig: {},
    connector: { kind: 'email', config },
  };
  expect(upstream.prepare(call)).toMatchObject({ kind: 'refused', code: 'egress_blocked' });
});

test('a name that leads to a private address is not connected to', async () => {
  const { port, taken } = await mailServer();
  const upstream = createUpstream({
    allow: [],
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  cleanups.push(() => upstream.close(0));
  const connector = {
    kind: 'email',
    config: { host: 'smtp.example.com', port: 587, security: 'none', from: 'a@example.com' },
  };
  const prepared = upstream.prepare({ ...callTo('', {}, LETTER), handlerKind: 'email', handlerConfig: {}, connector });
  if (prepared.kind === 'refused') throw new Error(prepared.detail);
  expect(await upstream.execute(prepared, { executionId: 'exe_01test' })).toMatchObject({
    kind: 'refused',
    code: 'egress_blocked',
  });
  expect([port > 0, taken]).toEqual([true, []]);
});
