import { describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { expectProblem, useWatchedGate } from '../support/watched-gate.ts';
import { made } from '../support/workbench.ts';

const GATEWAY = '/api/agent/gateway';

describe.each(engines)('hostile configuration on %s', (engine) => {
  const { bench, client, agent, owner, logged, prepared } = useWatchedGate(engine);

  test('fields that do not exist, and values of another kind, are named', async () => {
    const asked: [string, string, unknown, string][] = [
      ['PATCH', `/v1/clients/${client().id}`, { name: 'New', tenant_id: 'x' }, '(body)'],
      ['PATCH', `/v1/clients/${client().id}`, { rpm_limit: '60' }, 'rpm_limit'],
      ['PATCH', `/v1/clients/${client().id}`, { rpm_limit: 1.5 }, 'rpm_limit'],
      ['PATCH', `/v1/clients/${client().id}`, [], '(body)'],
      ['PATCH', `/v1/clients/${client().id}`, 'null', '(body)'],
      ['POST', '/v1/clients', { name: '' }, 'name'],
      ['POST', '/v1/clients', { name: 'a\u202eb' }, 'name'],
      ['POST', '/v1/clients', { name: 'a'.repeat(81) }, 'name'],
      ['POST', '/v1/clients', { name: { $ne: null } }, 'name'],
      ['POST', `/v1/clients/${client().id}/tokens`, { name: 'x', expires_in_days: -1 }, 'expires_in_days'],
      ['POST', `/v1/clients/${client().id}/tokens`, { name: 'x', expires_at: 'tomorrow' }, 'expires_at'],
      ['POST', `/v1/clients/${client().id}/tokens`, { name: 'x', expires_at: '2000-01-01T00:00:00Z' }, 'expires_at'],
      ['POST', '/v1/kill-switches', { scope: 'everything', reason: 'x' }, 'scope'],
      ['POST', '/v1/members', { email: 'not an address', role: 'admin' }, 'email'],
      ['POST', '/v1/members', { email: 'a@example.com', role: 'owner' }, 'role'],
      ['POST', '/v1/members', { email: 'a@example.com\r\nBcc: b@example.com', role: 'admin' }, 'email'],
      ['PATCH', '/v1/workspaces/current', { approval_ttl_seconds: 1 }, 'approval_ttl_seconds'],
      ['PATCH', '/v1/workspaces/current', { slug: 'other' }, '(body)'],
    ];
    for (const [method, path, body, field] of asked) {
      const reply = await owner(method, path, body);
      expectProblem(reply, 422, 'invalid_request');
      expect(reply.body.errors[0].field, JSON.stringify(body)).toBe(field);
    }
  });

  test('queries that do not fit are refused, not guessed at', async () => {
    for (const path of [
      '/v1/clients?limit=0',
      '/v1/clients?limit=101',
      '/v1/clients?limit=ten',
      '/v1/clients?limit=1e9',
      '/v1/clients?cursor=1',
      '/v1/clients?cursor=%27%20or%201=1',
      '/v1/clients?unknown=1',
      '/v1/clients?limit=1&limit=2',
      '/v1/clients?__proto__=1',
      '/v1/audit?from=yesterday',
      '/v1/audit?cursor=-1',
      '/v1/audit?cursor=1e300',
      '/v1/audit?cursor=9223372036854775808',
      '/v1/audit?event=%00',
      '/v1/audit/export?format=xlsx',
      '/v1/executions?status=exploded',
      `/v1/executions?tool=${'a'.repeat(129)}`,
      '/v1/kill-switches/preview?scope=tool',
      '/v1/kill-switches/preview?scope=workspace&id=x',
    ]) {
      expectProblem(await owner('GET', path), 422, 'invalid_request');
    }
  });

  test('ids of another workspace, or of another client, are not there in a body either', async () => {
    const theirs = await bench().gate.person('owner', 0, bench().gate.other);
    const first = async (path: string): Promise<string> => made(await theirs('GET', path)).items[0].id;
    const [foreignTool, foreignClient, foreignConnector, foreignPerson] = [
      await first('/v1/tools'),
      await first('/v1/clients'),
      await first('/v1/connectors'),
      await first('/v1/members'),
    ];
    const other = await bench().newClient();
    const otherGrant = await bench().newGrant(other.id, 'help.search', 'auto');
    const own = `/v1/clients/${client().id}`;
    await prepared();
    const tool = { name: 'made.foreign', effect: 'read', input_schema: { type: 'object' }, handler_kind: 'http' };
    const asked: [string, string, unknown, number, string][] = [
      ['POST', `${own}/grants`, { tool_id: foreignTool }, 422, 'invalid_request'],
      ['POST', `${own}/grants`, { tool: 'help.search', approver_user_ids: [foreignPerson] }, 422, 'invalid_request'],
      ['POST', '/v1/tools', { ...tool, connector_id: foreignConnector }, 422, 'invalid_request'],
      ['POST', '/v1/kill-switches', { scope: 'tool', id: foreignTool, reason: 'x' }, 404, 'not_found'],
      ['POST', '/v1/kill-switches', { scope: 'client', id: foreignClient, reason: 'x' }, 404, 'not_found'],
      ['PATCH', own, { owner_user_id: foreignPerson }, 422, 'invalid_request'],
      ['POST', '/v1/workspaces/current/owner', { user_id: foreignPerson }, 404, 'not_found'],
      ['DELETE', `${own}/tokens/${other.tokenId}`, undefined, 404, 'not_found'],
      ['POST', `${own}/tokens/${other.tokenId}/rotate`, {}, 404, 'not_found'],
      ['DELETE', `${own}/grants/${otherGrant}`, undefined, 404, 'not_found'],
      ['PATCH', `${own}/grants/${otherGrant}`, { policy: 'approve' }, 404, 'not_found'],
    ];
    for (const [method, path, body, status, code] of asked) {
      expectProblem(await owner(method, path, body), status, code);
    }
  });

  test('a JSON Schema that could stall or leave the process is refused with its place', async () => {
    const nested = (levels: number): object => (levels === 0 ? {} : { type: 'object', not: nested(levels - 1) });
    const wide = Object.fromEntries(Array.from({ length: 4_000 }, (_, nth) => [`field_${nth}`, {}]));
    const schemas: Record<string, unknown> = {
      'no object': { type: 'array' },
      'a reference elsewhere': { type: 'object', properties: { a: { $ref: 'https://elsewhere.example/schema.json' } } },
      'a reference to a file': { type: 'object', properties: { a: { $ref: 'file:///etc/passwd' } } },
      'a reference to nothing': { type: 'object', properties: { a: { $ref: '#/$defs/nothing' } } },
      'a reference to itself': {
        type: 'object',
        $defs: { a: { $ref: '#/$defs/a' } },
        properties: { a: { $ref: '#/$defs/a' } },
      },
      'a look-ahead': { type: 'object', properties: { a: { type: 'string', pattern: '^(?=a)(a+)+$' } } },
      'a back-reference': { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)\\1$' } } },
      'a broken pattern': { type: 'object', properties: { a: { type: 'string', pattern: '[' } } },
      'a very long pattern': { type: 'object', properties: { a: { type: 'string', pattern: 'a'.repeat(100_000) } } },
      'a pattern that counts very far': {
        type: 'object',
        properties: { a: { type: 'string', pattern: '(a{1000}){1000}' } },
      },
      'forty levels': nested(40),
      'four thousand properties': { type: 'object', properties: wide },
      'an unknown keyword with a twist': { type: 'object', properties: { a: { type: 'strnig' } } },
      'a NUL': { type: 'object', properties: { a: { const: 'a\0b' } } },
      'no schema at all': 'object',
    };
    for (const [name, input_schema] of Object.entries(schemas)) {
      const body = { name: 'made.hostile', effect: 'read', input_schema, handler_kind: 'noop' };
      const reply = await owner('POST', '/v1/tools', body);
      expectProblem(reply, 422, 'invalid_request');
      expect(reply.body.errors[0].field, name).toMatch(/^input_schema/);
    }
  });

  test('a pattern that other engines explode on is matched in linear time', async () => {
    const input_schema = {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' } },
    };
    const tool = await bench().newTool('/ok', { input_schema });
    await bench().newGrant(client().id, tool.name, 'auto');
    await prepared();
    const called = { tool: tool.name, arguments: { text: 'a'.repeat(100_000) } };
    expectProblem(await agent('POST', GATEWAY, called), 422, 'invalid_arguments');
  });

  test('a config that holds a credential is refused, and the credential is not repeated', async () => {
    const secret = 'hunter2-hunter2-hunter2';
    const tool = { name: 'made.secret', effect: 'read', input_schema: { type: 'object' }, handler_kind: 'http' };
    const handler = { method: 'GET', path: '/ok' };
    const connector_id = bench().connectorId;
    const asked: [string, unknown][] = [
      [
        '/v1/tools',
        { ...tool, connector_id, handler_config: { ...handler, headers: { Authorization: `Bearer ${secret}` } } },
      ],
      ['/v1/tools', { ...tool, connector_id, handler_config: { ...handler, headers: { 'X-Api-Key': secret } } }],
      ['/v1/tools', { ...tool, connector_id, handler_config: { ...handler, headers: { cookie: `a=${secret}` } } }],
      ['/v1/tools', { ...tool, connector_id, handler_config: { ...handler, api_key: secret } }],
      ['/v1/tools', { ...tool, connector_id, handler_config: { ...handler, auth: { password: secret } } }],
      ['/v1/connectors', { name: 'x', kind: 'http', config: { base_url: `https://user:${secret}@api.example` } }],
      ['/v1/connectors', { name: 'x', kind: 'http', config: { base_url: `https://api.example/?api_key=${secret}` } }],
      ['/v1/connectors', { name: 'x', kind: 'http', config: { base_url: 'https://api.example', token: secret } }],
    ];
    for (const [path, body] of asked) {
      const reply = await owner('POST', path, body);
      expectProblem(reply, 422, 'invalid_request');
      expect(reply.text).not.toContain(secret);
    }
    for (const text of logged) expect(text).not.toContain(secret);
  });

  test('headers that Countersign sets itself, or that smuggle, are not configurable', async () => {
    const tool = { name: 'made.smuggler', effect: 'read', input_schema: { type: 'object' }, handler_kind: 'http' };
    for (const [name, value] of [
      ['Host', 'elsewhere.example'],
      ['Idempotency-Key', 'mine'],
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '0'],
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Plain', 'a\r\nX-Other: b'],
      ['X Plain', 'a'],
      ['X-Plain\r\nX-Other', 'a'],
    ] as const) {
      const handler_config = { method: 'GET', path: '/ok', headers: { [name]: value } };
      const body = { ...tool, connector_id: bench().connectorId, handler_config };
      expectProblem(await owner('POST', '/v1/tools', body), 422, 'invalid_request');
    }
  });

  test('the CSV export gives a spreadsheet no formula', async () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|"/c calc"!A1'])
      made(await owner('POST', '/v1/clients', { name }));
    await prepared();
    await bench().gate.sequenced();
    const { status, text } = await owner('GET', '/v1/audit/export?format=csv&event=client.created');
    expect(status).toBe(200);
    const rows = cellsOf(text);
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      expect(row).toHaveLength(rows[0]!.length);
      for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  });
});

/** The cells of a CSV text (RFC 4180). */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.trimEnd().split('\r\n')) {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
    rows.push(cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''));
  }
  return rows;
}
