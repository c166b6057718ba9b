import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './faults/support/waiting.ts';
import { occurrencesOf } from './support/canary.ts';
import { engines } from './support/engines.ts';
import { openLiveStream } from './support/live-stream.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { type ReflectingUpstream, startReflectingUpstream } from './support/reflecting-upstream.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from './support/workbench.ts';

const VALUE = 'canary-7f"3/9+\\k&q w%41~Zz';
const WAYS = ['raw', 'base64', 'url', 'json', 'key', 'gzip', 'split', 'binary', 'undecodable', 'redirect'];

const occurrences = (text: string): string[] => occurrencesOf(VALUE, text);

describe.each(engines)('secrets on %s', (engine) => {
  let bench: Workbench;
  let reflecting: ReflectingUpstream;
  let receiver: Receiver;
  let client: BenchClient;
  let logged = '';
  let count = 0;
  const unique = (word: string): string => {
    count += 1;
    return `${word}_${count}`;
  };

  beforeAll(async () => {
    reflecting = await startReflectingUpstream();
    receiver = await startReceiver();
    const log = pino(
      { level: 'trace' },
      {
        write: (line: string) => {
          logged += line;
        },
      },
    );
    bench = await openWorkbench(engine, {}, log, `${reflecting.host} ${receiver.host}`);
    client = await bench.newClient();
  });
  afterAll(async () => {
    await bench?.close();
    await reflecting?.close();
    await receiver?.close();
  });

  const write = (name: string, fields: object = {}) =>
    bench.people.owner('POST', '/v1/secrets', { name, value: VALUE, hosts: [reflecting.host], ...fields });
  const connect = (config: object, base_url = reflecting.url) =>
    bench.people.owner('POST', '/v1/connectors', {
      name: unique('connector'),
      kind: 'http',
      config: { base_url, ...config },
    });

  /** A tool behind a connector that sends a secret of that name, granted to the client. */
  async function toolWith(name: string, path = '/raw', handler: object = {}) {
    const connector_id = made(await connect({ headers: { 'X-Api-Key': `{{secret:${name}}}` } })).id;
    const tool = await bench.newTool(path, {
      connector_id,
      handler_config: { method: 'POST', path, ...handler },
      input_schema: { type: 'object' },
    });
    await bench.newGrant(client.id, tool.name, 'auto');
    return { ...tool, connector_id };
  }
  const call = (tool: string, args: object = {}, by = client) =>
    by.send('POST', '/api/agent/gateway', { tool, arguments: args });

  test('a value goes out, and comes back in no spelling anywhere', async () => {
    const name = unique('CANARY');
    made(await write(name));
    const { email, password } = bench.gate.demo.users.find(({ role }) => role === 'owner')!;
    const signedIn = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const live = await openLiveStream(bench.gate.url, cookie);
    const url = `${receiver.url}/200/canary`;
    const hook = made(await bench.people.owner('POST', '/v1/webhooks', { url, events: ['*'] }));
    const answers: string[] = [];
    for (const way of [...WAYS, ...WAYS.map((one) => `error-${one}`)]) {
      const tool = await toolWith(name, `/${way}`);
      const reply = await call(tool.name);
      expect(reflecting.asked.at(-1)!.headers['x-api-key'], way).toBe(VALUE);
      answers.push(reply.text);
    }
    expect(answers.join('\n')).toContain(`{{secret:${name}}}`);
    await bench.gate.sequenced();
    const { owner } = bench.people;
    const ofHook = `/v1/webhooks/${hook.id}`;
    await until('every event is delivered', async () => made(await owner('GET', ofHook)).pending === 0);
    const { items: deliveries } = made(await owner('GET', `${ofHook}/deliveries?limit=100`));
    const delivered = await Promise.all(
      deliveries.map(async ({ id }: { id: string }) => (await owner('GET', `${ofHook}/deliveries/${id}`)).text),
    );
    const paths = [
      '/v1/executions?limit=100',
      '/v1/audit?limit=100',
      '/v1/audit/export',
      '/v1/secrets',
      '/v1/connectors',
    ];
    const told = await Promise.all(paths.map(async (path) => (await owner('GET', path)).text));
    const ids = made(await owner('GET', '/v1/executions?limit=100')).items.map(({ id }: { id: string }) => id);
    const each = await Promise.all(ids.map(async (id: string) => (await owner('GET', `/v1/executions/${id}`)).text));
    const rows = await bench.sql<{ all: string }>(
      `select coalesce(string_agg(e::text, ''), '') as all from agent_execution_logs e
       union all select coalesce(string_agg(a.entry, ''), '') from audit_log a
       union all select coalesce(string_agg(s::text, ''), '') from secret_versions s
       union all select coalesce(string_agg(d::text, ''), '') from webhook_deliveries d
       union all select coalesce(string_agg(n::text, ''), '') from notices n`,
    );
    const everything = {
      answers,
      told,
      each,
      rows: rows.map((row) => row.all),
      logged,
      live: JSON.stringify(live.told),
      delivered,
      sent: receiver.received.map(({ body, headers }) => body + JSON.stringify(headers)),
    };
    live.close();
    expect(each.length).toBeGreaterThan(WAYS.length);
    expect(delivered.join('\n')).toContain('execution.executed');
    expect(delivered.join('\n')).toContain('answer 200');
    expect(receiver.received.length).toBeGreaterThan(WAYS.length);
    expect(logged).toContain('started');
    for (const [place, text] of Object.entries(everything)) {
      expect(occurrences(typeof text === 'string' ? text : JSON.stringify(text)), place).toEqual([]);
      expect(occurrences([text].flat().join('\n')), place).toEqual([]);
    }
  });

  test('an argument that reads like the name of a secret stays what it is', async () => {
    const name = unique('LITERAL');
    made(await write(name));
    const reference = `{{secret:${name}}}`;
    const tool = await toolWith(name, '/none/{part}', { query: ['q'] });
    expect((await call(tool.name, { part: reference, q: reference, body: reference })).status).toBe(200);
    expect(reflecting.asked.at(-1)!.path).toBe(
      `/none/${encodeURIComponent(reference)}?q=${encodeURIComponent(reference)}`,
    );
  });

  test('path and query of a connector hold secrets, and the card only their names', async () => {
    const name = unique('PLACED');
    made(await write(name));
    const connector_id = made(
      await connect({ query: { key: `{{secret:${name}}}`, v: '1 2' } }, `${reflecting.url}/bot{{secret:${name}}}`),
    ).id;
    const handler_config = { method: 'GET', path: '/send' };
    const tool = await bench.newTool('/send', { connector_id, handler_config, input_schema: { type: 'object' } });
    await bench.newGrant(client.id, tool.name, 'approve');
    const held = made(await call(tool.name, { to: 'a' }));
    const card = await bench.people.owner('GET', `/v1/approvals/${held.approval_id}`);
    expect(card.text).toContain(`{{secret:${name}}}`);
    expect(occurrences(card.text)).toEqual([]);
    const encoded = encodeURIComponent(VALUE);
    const { payload_sha256 } = held;
    made(
      await bench.people.admin('POST', `/v1/approvals/${held.approval_id}/decisions`, {
        decision: 'granted',
        payload_sha256,
      }),
    );
    const asked = { tool: tool.name, arguments: { to: 'a' }, approval_id: held.approval_id };
    made(await client.send('POST', '/api/agent/gateway', asked));
    expect(reflecting.asked.at(-1)!.path).toBe(`/bot${encoded}/send?key=${encoded}&v=1%202&to=a`);
    expect((await call(tool.name, { key: 'mine' })).body.detail).toContain('"key" is set by the connector');
  });

  test("a client's own value wins, another client's is never used", async () => {
    const [name, only] = [unique('SHARED'), unique('ONLY')];
    const other = await bench.newClient();
    made(await write(name));
    made(await write(name, { value: 'the value of the client', client_id: client.id }));
    made(await write(only, { client_id: other.id }));
    const [shared, theirs] = [await toolWith(name), await toolWith(only)];
    await bench.newGrant(other.id, shared.name, 'auto');
    made(await call(shared.name));
    expect(reflecting.asked.at(-1)!.headers['x-api-key']).toBe('the value of the client');
    made(await call(shared.name, {}, other));
    expect(reflecting.asked.at(-1)!.headers['x-api-key']).toBe(VALUE);
    const before = reflecting.asked.length;
    expect(await call(theirs.name)).toMatchObject({ status: 403, body: { code: 'egress_blocked' } });
    expect(reflecting.asked.length).toBe(before);
  });

  test('a changed value holds for the next call, and a deleted one refuses it', async () => {
    const name = unique('CHANGED');
    const first = made(await write(name));
    const tool = await toolWith(name);
    made(await call(tool.name));
    const second = made(await write(name, { value: 'another value' }));
    expect(second).toMatchObject({ id: first.id, version: 2, versions: [{ number: 2 }, { number: 1 }] });
    expect((await write(name, {})).body.versions.map((one: { number: number }) => one.number)).toEqual([3, 2]);
    made(await write(name, { value: 'another value' }));
    made(await call(tool.name));
    expect(reflecting.asked.at(-1)!.headers['x-api-key']).toBe('another value');
    await bench.gate.running.app.gateway.flushLastUsed();
    const seen = made(await bench.people.owner('GET', `/v1/secrets/${first.id}`));
    expect(seen.last_used_at).not.toBeNull();
    expect(seen.used_by).toEqual([{ kind: 'connector', id: tool.connector_id, name: expect.any(String) }]);
    expect((await bench.people.owner('DELETE', `/v1/secrets/${first.id}`)).status).toBe(204);
    const before = reflecting.asked.length;
    expect(await call(tool.name)).toMatchObject({ status: 403, body: { code: 'egress_blocked' } });
    expect(reflecting.asked.length).toBe(before);
    const told = (await bench.entries({ resources: [first.id] })).map(({ event_type }) => event_type);
    expect(told).toEqual([...Array(4).fill('secret.written'), 'secret.deleted']);
  });

  test('rows that were moved in the database are no secrets any more', async () => {
    const [name, moved, sealed] = [unique('A'), unique('B'), 'select sealed from secret_versions where secret_id'];
    const { id } = made(await write(name));
    const other = made(await write(moved, { value: 'the value of another' }));
    const tool = await toolWith(name);
    const refusedBy = async (text: string, values: unknown[]) => {
      await bench.sql(text, values);
      await bench.sql('update workspaces set facts_version = facts_version + 1');
      const before = reflecting.asked.length;
      const reply = await call(tool.name);
      expect(reply.body, text).toMatchObject({ code: 'egress_blocked' });
      expect(reflecting.asked.length).toBe(before);
    };
    await refusedBy(`update secret_versions set sealed = (${sealed} = $2) where secret_id = $1`, [id, other.id]);
    made(await write(name));
    made(await call(tool.name));
    await refusedBy(`update secrets set hosts = '{elsewhere.example,${reflecting.host}}' where id = $1`, [id]);
    made(await write(name));
    made(await call(tool.name));
    await refusedBy('update secrets set client_id = $2 where id = $1', [id, client.id]);
  });

  test("another workspace's value of the same name is nobody else's, wherever its row is moved", async () => {
    const name = unique('TENANT');
    const { id } = made(await write(name));
    const { other } = bench.gate;
    const stranger = await bench.gate.person('owner', 0, other);
    const theirs = made(
      await stranger('POST', '/v1/secrets', { name, value: 'the value of the others', hosts: [reflecting.host] }),
    );
    expect((await bench.people.owner('GET', `/v1/secrets/${theirs.id}`)).status).toBe(404);
    expect((await bench.people.owner('DELETE', `/v1/secrets/${theirs.id}`)).status).toBe(404);
    expect((await bench.people.owner('GET', '/v1/secrets?limit=100')).text).not.toContain(theirs.id);
    const tool = await toolWith(name);
    made(await call(tool.name));
    expect(reflecting.asked.at(-1)!.headers['x-api-key']).toBe(VALUE);
    const before = reflecting.asked.length;
    const moved = 'select sealed from secret_versions where secret_id = $2';
    await bench.sql(`update secret_versions set sealed = (${moved}) where secret_id = $1`, [id, theirs.id]);
    await bench.sql('update workspaces set facts_version = facts_version + 1');
    expect((await call(tool.name)).body).toMatchObject({ code: 'egress_blocked' });
    // The whole row, with its id.
    await bench.sql('delete from secret_versions where secret_id = $1', [id]);
    await bench.sql('delete from secrets where id = $1', [id]);
    const copied = `insert into secrets select $1, s.id, s.name, s.client_id, s.hosts, s.version, s.created_at, s.updated_at,
      s.last_used_at from secrets s where s.id = $2`;
    await bench.sql(copied, [bench.gate.tenantId, theirs.id]);
    await bench.sql(
      `insert into secret_versions select $1, v.secret_id, v.number, v.sealed, v.written_by, v.created_at
       from secret_versions v where v.secret_id = $2 and v.tenant_id <> $1`,
      [bench.gate.tenantId, theirs.id],
    );
    expect((await call(tool.name)).body).toMatchObject({ code: 'egress_blocked' });
    expect(reflecting.asked.length).toBe(before);
    await bench.sql('delete from secret_versions where secret_id = $1', [theirs.id]);
    await bench.sql('delete from secrets where id = $1', [theirs.id]);
  });

  test('what was approved for one destination or secret is executed for no other', async () => {
    const [name, second] = [unique('APPROVED'), unique('OTHER')];
    made(await write(name, { hosts: [reflecting.host, 'evil.example'] }));
    made(await write(second, { value: 'another secret' }));
    const edits: ((connectorId: string, toolId: string) => Promise<unknown>)[] = [
      (id) => change(`/v1/connectors/${id}`, { config: { base_url: 'https://evil.example', ...keyOf(name) } }),
      (id) => change(`/v1/connectors/${id}`, { config: { base_url: reflecting.url, ...keyOf(second) } }),
      (_, id) => change(`/v1/tools/${id}`, { handler_config: { method: 'POST', path: '/raw', ...keyOf(second) } }),
    ];
    const keyOf = (one: string) => ({ headers: { 'X-Api-Key': `{{secret:${one}}}` } });
    const change = async (path: string, body: object) => made(await bench.people.owner('PATCH', path, body));
    for (const edit of edits) {
      const connector_id = made(await connect(keyOf(name))).id;
      const handler_config = { method: 'POST', path: '/raw' };
      const tool = await bench.newTool('/raw', { connector_id, handler_config, input_schema: { type: 'object' } });
      await bench.newGrant(client.id, tool.name, 'approve');
      const held = made(await call(tool.name));
      const { payload_sha256, approval_id } = held;
      const path = `/v1/approvals/${approval_id}/decisions`;
      made(await bench.people.admin('POST', path, { decision: 'granted', payload_sha256 }));
      await edit(connector_id, tool.id);
      const before = reflecting.asked.length;
      const asked = { tool: tool.name, arguments: {}, approval_id };
      const reply = await client.send('POST', '/api/agent/gateway', asked);
      expect(reply.body.code, reply.text).toMatch(/^(definition_drift|approval_hash_mismatch|approval_cancelled)$/);
      expect(reflecting.asked.length).toBe(before);
    }
  });

  test('a tool cannot carry a secret to a connector that leads elsewhere', async () => {
    const name = unique('CARRIED');
    made(await write(name));
    const bound = made(await connect({})).id;
    const elsewhere = made(await connect({}, 'https://evil.example')).id;
    const handler_config = { method: 'POST', path: '/raw', headers: { 'X-Api-Key': `{{secret:${name}}}` } };
    const tool = await bench.newTool('/raw', { connector_id: bound, handler_config, input_schema: { type: 'object' } });
    const moved = await bench.people.owner('PATCH', `/v1/tools/${tool.id}`, { connector_id: elsewhere });
    expect(moved.status).toBeGreaterThanOrEqual(400);
    expect(moved.status).toBeLessThan(500);
    const led = await bench.people.owner('PATCH', `/v1/connectors/${bound}`, {
      config: { base_url: 'https://evil.example' },
    });
    expect(led).toMatchObject({ status: 422 });
    expect(led.text).toContain('is not bound to evil.example');
    const entered = await bench.people.owner('POST', '/v1/tools', {
      name: `made.${name.toLowerCase()}`,
      effect: 'read',
      input_schema: { type: 'object' },
      connector_id: elsewhere,
      handler_kind: 'http',
      handler_config,
    });
    expect(entered).toMatchObject({ status: 422 });
  });

  test('a connector cannot lead a secret to a host that it is not bound to', async () => {
    const name = unique('BOUND');
    made(await write(name));
    const { connector_id } = await toolWith(name);
    const to = async (base_url: string, config: object) =>
      bench.people.owner('PATCH', `/v1/connectors/${connector_id}`, { config: { base_url, ...config } });
    const config = { headers: { 'X-Api-Key': `{{secret:${name}}}` } };
    const refused = await to('https://evil.example', config);
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'config.headers.X-Api-Key' }] } });
    expect(refused.text).toContain('is not bound to evil.example');
    const unknown = await connect({ headers: { 'X-Api-Key': '{{secret:NOBODY}}' } });
    expect(unknown).toMatchObject({ status: 422 });
    expect((await connect({}, 'https://{{secret:NOBODY}}.example')).status).toBe(422);
    made(await write(name, { hosts: [reflecting.host, 'evil.example'] }));
    made(await to('https://evil.example', config));
  });

  test('who may write one, and what is no secret', async () => {
    const name = unique('REFUSED');
    const by = { member: bench.people.member, viewer: bench.people.viewer, client: client.send };
    for (const send of Object.values(by)) {
      expect((await send('POST', '/v1/secrets', { name, value: VALUE, hosts: ['a.example'] })).status).toBe(403);
      expect((await send('GET', '/v1/secrets')).status).toBe(403);
    }
    const wrong = [
      { value: 'short' },
      { value: 'x'.repeat(16 * 1024 + 1) },
      { hosts: [] },
      { hosts: ['https://a.example'] },
      { hosts: ['a.example/path'] },
      { hosts: ['*.example'] },
      { name: 'lower' },
      { client_id: 'icl_01h455vb4pex5vsknk084sn02q' },
    ];
    for (const fields of wrong) {
      const reply = await write(name, fields);
      expect(reply.status, JSON.stringify(fields).slice(0, 80)).toBe(422);
      expect(occurrences(reply.text)).toEqual([]);
    }
    const { version } = made(await write(name));
    const again = { name, value: VALUE, hosts: ['a.example:443', 'A.example'] };
    const stale = await bench.people.owner('POST', '/v1/secrets', again, { 'if-match': `"${version + 1}"` });
    expect(stale.status).toBe(412);
    expect(made(await bench.people.owner('POST', '/v1/secrets', again)).hosts).toEqual(['a.example']);
  });
});
