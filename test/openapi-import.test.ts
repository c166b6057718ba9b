import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDocument } from '../src/registry/openapi/read.ts';
import { engines } from './support/engines.ts';
import type { Reply, Send } from './support/gate.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

type Arrival = { method: string; url: string; headers: Record<string, string>; body: string };

/** A server with documents to read, which answers everything else as an API, and keeps what arrived. */
async function startApi(
  files: Record<string, string>,
): Promise<{ server: Server; origin: string; host: string; arrivals: Arrival[]; files: Record<string, string> }> {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const url = request.url ?? '/';
    if (files[url] !== undefined) {
      response.writeHead(200, { 'content-type': 'text/yaml' }).end(files[url]);
      return;
    }
    if (url === '/moved.yaml') {
      response.writeHead(302, { location: '/api.yaml' }).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    arrivals.push({
      method: request.method!,
      url,
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, origin: `http://${host}`, host, arrivals, files };
}

const DOCUMENT = `
openapi: 3.1.0
info: {title: "Pet Store's API", version: "1.2"}
servers: [{url: /v2}]
security: [{key: []}]
paths:
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getPet
      summary: One pet
      parameters:
        - {name: "fields[]", in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
      responses: {"200": {description: yes}}
    delete: {operationId: deletePet, responses: {"204": {description: gone}}}
  /pets:
    post:
      operationId: addPet
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "./schemas.yaml#/Pet"}}}
      responses: {"201": {description: made}}
  /orders:
    post:
      operationId: placeOrder
      requestBody:
        required: true
        content: {application/xml: {schema: {type: object}}}
      responses: {"201": {description: made}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}
`;
const SCHEMAS = `
Pet:
  type: object
  required: [name]
  properties:
    id: {type: integer, readOnly: true}
    name: {type: string, maxLength: 40}
    friends: {type: array, items: {$ref: "#/Pet"}}
`;

/** A form with the request and, where there is one, the document as a file. */
async function upload(who: Send, path: string, request: object, document: string | Buffer): Promise<Reply> {
  const form = new FormData();
  form.set('request', JSON.stringify(request));
  form.set('document', new Blob([document as string]), 'openapi.json');
  const body = new Response(form);
  const type = body.headers.get('content-type')!;
  return who('POST', path, new Uint8Array(await body.arrayBuffer()), { 'content-type': type });
}

const PREVIEW = '/v1/tools/openapi/preview';
const IMPORT = '/v1/tools/openapi/import';

describe.each(engines)('importing an OpenAPI document on %s', (engine) => {
  let bench: Workbench;
  let owner: Send;
  let api: Awaited<ReturnType<typeof startApi>>;
  beforeAll(async () => {
    api = await startApi({ '/api.yaml': DOCUMENT, '/schemas.yaml': SCHEMAS });
    bench = await openWorkbench(engine, {}, undefined, api.host);
    owner = bench.people.owner;
  });
  afterAll(async () => {
    await bench?.close();
    api?.server.close();
    api?.server.closeAllConnections();
  });

  test('by its URL: listed for somebody to choose, made into tools, called, read again with what changed', async () => {
    const url = `${api.origin}/api.yaml`;
    const preview = made(await owner('POST', PREVIEW, { url }));
    expect(preview).toMatchObject({
      title: "Pet Store's API",
      written: 'OpenAPI 3.1.0',
      prefix: 'pet_store',
      servers: [`${api.origin}/v2`],
      schemes: [
        {
          scheme: 'key',
          about: 'header X-Api-Key',
          secret: 'PET_STORE_KEY',
          sends: { in: 'header', name: 'X-Api-Key' },
        },
      ],
      refused: [{ operation: 'POST /orders', reason: 'it takes application/xml, which is not sent' }],
      gone: [],
    });
    const rows = preview.operations.map(({ name, effect, state }: Record<string, string>) => [name, effect, state]);
    expect(rows).toEqual([
      ['pet_store.get_pet', 'read', 'new'],
      ['pet_store.delete_pet', 'delete', 'new'],
      ['pet_store.add_pet', 'write', 'new'],
    ]);
    expect(preview.operations[2]).toMatchObject({
      arguments: ['name', 'friends'],
      notes: ['cut where Pet holds itself'],
      security: [['key']],
    });

    const { sha256, operations } = preview;
    const wanted = {
      url,
      sha256,
      connector: { name: 'Pets', base_url: `${api.origin}/v2`, schemes: [{ scheme: 'key', secret: 'PET_STORE_KEY' }] },
      operations: operations.map(({ operation }: { operation: string }) => ({ operation })),
    };
    // The secret has to be there first, bound to where it goes.
    const early = await owner('POST', IMPORT, wanted);
    expect(early).toMatchObject({ status: 422, body: { errors: [{ field: 'connector.headers.X-Api-Key' }] } });
    made(await owner('POST', '/v1/secrets', { name: 'PET_STORE_KEY', value: 'k3y-of-the-store', hosts: [api.host] }));
    wanted.operations[2] = { operation: 'POST /pets', name: 'pets.new', effect: 'send' };
    const done = made(
      await owner('POST', IMPORT, {
        ...wanted,
        operations: [...wanted.operations, { operation: 'POST /orders' }, { operation: 'GET /nothing' }],
      }),
    );
    expect(done.imported.map(({ name, outcome }: Record<string, string>) => [name, outcome])).toEqual([
      ['pet_store.get_pet', 'created'],
      ['pet_store.delete_pet', 'created'],
      ['pets.new', 'created'],
    ]);
    expect(done.refused).toEqual([
      { operation: 'POST /orders', reason: 'it takes application/xml, which is not sent' },
      { operation: 'GET /nothing', reason: 'the document has no such operation' },
    ]);
    const connector = made(await owner('GET', `/v1/connectors/${done.connector_id}`));
    expect(connector).toMatchObject({
      kind: 'openapi',
      tool_count: 3,
      config: { document_url: url, headers: { 'X-Api-Key': '{{secret:PET_STORE_KEY}}' } },
    });

    const client = await bench.newClient();
    await bench.newGrant(client.id, 'pet_store.get_pet', 'auto');
    const call = { tool: 'pet_store.get_pet', arguments: { petId: 7, fields: ['a', 'b c'], 'X-Trace': 't1' } };
    expect(await client.send('POST', '/api/agent/gateway', call)).toMatchObject({
      status: 200,
      body: { status: 'executed', result: { ok: true } },
    });
    expect(api.arrivals.at(-1)).toMatchObject({
      method: 'GET',
      url: '/v2/pets/7?fields%5B%5D=a&fields%5B%5D=b%20c',
      headers: { 'x-api-key': 'k3y-of-the-store', 'x-trace': 't1' },
    });

    // Later: an argument more, an operation less. Nobody's own choices are undone.
    made(
      await owner('PATCH', `/v1/tools/${done.imported[0].tool_id}`, {
        description: 'Looks a pet up',
        handler_config: {
          ...made(await owner('GET', `/v1/tools/${done.imported[0].tool_id}`)).handler_config,
          timeout_ms: 5000,
        },
      }),
    );
    api.files['/api.yaml'] = DOCUMENT.replace(
      '- {name: X-Trace',
      '- {name: deep, in: query, required: true, schema: {type: boolean}}\n        - {name: X-Trace',
    ).replace(/ {4}delete:.*\n/, '');
    const again = made(await owner('POST', PREVIEW, { url, connector_id: done.connector_id }));
    expect(again.operations.map(({ state, name, changes }: Record<string, unknown>) => [name, state, changes])).toEqual(
      [
        ['pet_store.get_pet', 'changed', ['new argument deep', 'deep is needed now', 'query is sent otherwise']],
        ['pets.new', 'same', []],
      ],
    );
    expect(again.gone).toMatchObject([{ name: 'pet_store.delete_pet', operation: 'DELETE /pets/{petId}' }]);
    const stale = await owner('POST', IMPORT, { url, sha256, connector_id: done.connector_id, operations: [] });
    expect(stale).toMatchObject({ status: 409 });
    const next = {
      url,
      sha256: again.sha256,
      connector_id: done.connector_id,
      operations: [{ operation: 'GET /pets/{petId}' }, { operation: 'POST /pets' }],
    };
    expect(made(await owner('POST', IMPORT, { ...next, archive: [again.gone[0].id] }))).toMatchObject({
      imported: [
        { name: 'pet_store.get_pet', outcome: 'updated' },
        { name: 'pets.new', outcome: 'unchanged' },
      ],
      refused: [],
      archived: [again.gone[0].id],
    });
    expect(made(await owner('GET', `/v1/tools/${done.imported[0].tool_id}`))).toMatchObject({
      description: 'Looks a pet up',
      handler_config: { timeout_ms: 5000 },
      input_schema: { required: ['petId', 'deep'] },
    });
    const entries = await bench.entries({ resources: [done.connector_id] });
    expect(entries.map(({ event_type }) => event_type)).toEqual(['connector.authorized', 'connector.document_read']);
    expect(JSON.stringify(entries)).not.toContain('k3y-of-the-store');
  });

  test('by a file, as a form: where it refers elsewhere, that operation is refused with its reason', async () => {
    const preview = made(await upload(owner, PREVIEW, { prefix: 'pets' }, DOCUMENT));
    expect(preview.servers).toEqual([]);
    expect(preview.refused).toContainEqual({
      operation: 'POST /pets',
      reason: 'it refers to another file, "./schemas.yaml": import the document by its URL',
    });
    expect(preview.operations.map(({ name }: { name: string }) => name)).toEqual(['pets.get_pet', 'pets.delete_pet']);
    // The same names whenever it is read, so that nothing depends on what was imported when.
    expect(made(await upload(owner, PREVIEW, { prefix: 'pets' }, DOCUMENT)).operations).toEqual(preview.operations);
  });

  test('a reference to another origin is not followed', async () => {
    api.files['/far.yaml'] = DOCUMENT.replace('./schemas.yaml', 'http://other.example/schemas.yaml');
    const preview = made(await owner('POST', PREVIEW, { url: `${api.origin}/far.yaml` }));
    expect(preview.refused).toContainEqual({
      operation: 'POST /pets',
      reason: expect.stringContaining('of another origin'),
    });
    const moved = await owner('POST', PREVIEW, { url: `${api.origin}/moved.yaml` });
    expect(moved.body.errors).toMatchObject([
      { field: 'url', message: expect.stringContaining('redirects are not followed') },
    ]);
  });

  test.each<[string, object, string, RegExp]>([
    ['a private address', { url: 'http://10.0.0.7/api.json' }, 'url', /private address/],
    ['the metadata service', { url: 'http://169.254.169.254/latest' }, 'url', /metadata/],
    ['no URL', { url: 'file:///etc/passwd' }, 'url', /http or https/],
    ['no document', { document: 'just a text' }, 'document', /not an object/],
    ['broken JSON', { document: '{"openapi": ' }, 'document', /neither JSON nor YAML/],
    ['another format', { document: '{"asyncapi": "3.0.0"}' }, 'document', /Swagger 2.0/],
    ['nothing in it', { document: '{"openapi": "3.1.0", "paths": {}}' }, 'document', /no operations/],
    [
      'too many aliases',
      {
        document: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefg'
          .split('')
          .map((n, i) => `${n}: &${n} [${`*${'abcdefg'[i]},`.repeat(9)}]`)
          .join('\n')}\n`,
      },
      'document',
      /YAML/,
    ],
    ['nothing at all', {}, 'document', /one of them/],
    ['two at once', { url: 'https://a.example/x', document: '{}' }, 'document', /one of them/],
    [
      'a connector of nobody',
      { document: '{}', connector_id: 'con_01h455vb4pex5vsknk084sn02q' },
      'connector_id',
      /no such connector/,
    ],
  ])('%s is refused by name', async (_, request, field, message) => {
    const reply = await bench.people.second_admin('POST', PREVIEW, request);
    expect(reply).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ field, message: expect.stringMatching(message) }] },
    });
  });

  test('who may not manage tools reads no document', async () => {
    expect(await bench.people.member('POST', PREVIEW, { document: DOCUMENT })).toMatchObject({ status: 403 });
  });
});

const MODULES = new URL('../node_modules/', import.meta.url);
const fileOf = (path: string): Buffer => readFileSync(new URL(path, MODULES));
const TWILIO = '@twilio-alpha/mcp/twilio-oai/spec/json/';
const AC = `AC${'0a'.repeat(16)}`;
const SM = `SM${'1b'.repeat(16)}`;

type Call = readonly [
  operation: string,
  args: object,
  arrives: { method: string; url: string; body?: unknown; headers?: object },
];
type Published = {
  readonly name: string;
  readonly files: readonly string[];
  readonly imported: number;
  readonly refused: number;
  readonly calls: readonly Call[];
};

/** Documents as they are published, how many of their operations become tools, and five calls of each. */
const PUBLISHED: readonly Published[] = [
  {
    name: 'GitHub',
    files: ['@octokit/openapi/generated/api.github.com.json'],
    imported: 1222,
    refused: 1,
    calls: [
      [
        'GET /repos/{owner}/{repo}/issues',
        { owner: 'o', repo: 'r', state: 'open', labels: 'a,b' },
        { method: 'GET', url: '/repos/o/r/issues?state=open&labels=a%2Cb' },
      ],
      [
        'POST /repos/{owner}/{repo}/issues',
        { owner: 'o', repo: 'r', title: 'T', labels: ['bug'] },
        { method: 'POST', url: '/repos/o/r/issues', body: { title: 'T', labels: ['bug'] } },
      ],
      [
        'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
        { owner: 'o', repo: 'r', issue_number: 4, state: 'closed' },
        { method: 'PATCH', url: '/repos/o/r/issues/4', body: { state: 'closed' } },
      ],
      [
        'PUT /repos/{owner}/{repo}/topics',
        { owner: 'o', repo: 'r', names: ['x'] },
        { method: 'PUT', url: '/repos/o/r/topics', body: { names: ['x'] } },
      ],
      [
        'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
        { owner: 'o', repo: 'r', ref: 'heads/x' },
        { method: 'DELETE', url: '/repos/o/r/git/refs/heads%2Fx', body: '' },
      ],
    ],
  },
  {
    name: 'Twilio',
    files: readdirSync(new URL(TWILIO, MODULES))
      .sort()
      .map((file) => TWILIO + file),
    imported: 1407,
    refused: 0,
    calls: [
      [
        'POST /2010-04-01/Accounts/{AccountSid}/Messages.json',
        { AccountSid: AC, To: '+4930', Body: 'Hi & bye', MediaUrl: ['https://a.example/1', 'https://a.example/2'] },
        {
          method: 'POST',
          url: `/2010-04-01/Accounts/${AC}/Messages.json`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: [
            ['Body', 'Hi & bye'],
            ['MediaUrl', 'https://a.example/1'],
            ['MediaUrl', 'https://a.example/2'],
            ['To', '+4930'],
          ],
        },
      ],
      [
        'GET /2010-04-01/Accounts/{AccountSid}/Calls.json',
        { AccountSid: AC, Status: 'busy', StartTime_gt: '2026-01-01T00:00:00Z' },
        {
          method: 'GET',
          url: `/2010-04-01/Accounts/${AC}/Calls.json?Status=busy&StartTime%3E=2026-01-01T00%3A00%3A00Z`,
        },
      ],
      [
        'POST /2010-04-01/Accounts/{AccountSid}/Calls.json',
        { AccountSid: AC, To: '+4930', From: '+4931', Record: true },
        {
          method: 'POST',
          url: `/2010-04-01/Accounts/${AC}/Calls.json`,
          body: [
            ['From', '+4931'],
            ['Record', 'true'],
            ['To', '+4930'],
          ],
        },
      ],
      [
        'GET /2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json',
        { AccountSid: AC, Sid: SM },
        { method: 'GET', url: `/2010-04-01/Accounts/${AC}/Messages/${SM}.json` },
      ],
      [
        'DELETE /2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json',
        { AccountSid: AC, Sid: SM },
        { method: 'DELETE', url: `/2010-04-01/Accounts/${AC}/Messages/${SM}.json` },
      ],
    ],
  },
  {
    name: 'Okta',
    files: ['@okta/openapi/dist/spec.json'],
    imported: 338,
    refused: 2,
    calls: [
      ['GET /api/v1/users', { q: 'ann', limit: 2 }, { method: 'GET', url: '/api/v1/users?q=ann&limit=2' }],
      [
        'POST /api/v1/users',
        { activate: true, profile: { email: 'ann@example.org' } },
        { method: 'POST', url: '/api/v1/users?activate=true', body: { profile: { email: 'ann@example.org' } } },
      ],
      [
        'PUT /api/v1/groups/{groupId}/users/{userId}',
        { groupId: 'g', userId: 'u' },
        { method: 'PUT', url: '/api/v1/groups/g/users/u', body: '' },
      ],
      ['DELETE /api/v1/groups/{groupId}', { groupId: 'g' }, { method: 'DELETE', url: '/api/v1/groups/g', body: '' }],
      [
        'POST /api/v1/users/{userId}/lifecycle/suspend',
        { userId: 'u' },
        { method: 'POST', url: '/api/v1/users/u/lifecycle/suspend', body: '' },
      ],
    ],
  },
  {
    name: 'Notion',
    files: ['@notionhq/notion-mcp-server/scripts/notion-openapi.json'],
    imported: 24,
    refused: 0,
    calls: [
      [
        'GET /v1/users',
        { page_size: 3, 'Notion-Version': '2025-09-03' },
        { method: 'GET', url: '/v1/users?page_size=3', headers: { 'notion-version': '2025-09-03' } },
      ],
      [
        'POST /v1/search',
        { query: 'x', filter: { property: 'object', value: 'page' } },
        { method: 'POST', url: '/v1/search', body: { query: 'x', filter: { property: 'object', value: 'page' } } },
      ],
      [
        'GET /v1/blocks/{block_id}/children',
        { block_id: 'b', page_size: 5 },
        { method: 'GET', url: '/v1/blocks/b/children?page_size=5' },
      ],
      [
        'POST /v1/pages/{page_id}/move',
        {
          page_id: '1f8fad5b-d9cb-469f-a165-70867728950e',
          parent: { type: 'page_id', page_id: '0f8fad5b-d9cb-469f-a165-70867728950e' },
        },
        {
          method: 'POST',
          url: '/v1/pages/1f8fad5b-d9cb-469f-a165-70867728950e/move',
          body: { parent: { type: 'page_id', page_id: '0f8fad5b-d9cb-469f-a165-70867728950e' } },
        },
      ],
      ['DELETE /v1/blocks/{block_id}', { block_id: 'b' }, { method: 'DELETE', url: '/v1/blocks/b' }],
    ],
  },
];

describe('published documents', () => {
  let bench: Workbench;
  let owner: Send;
  let api: Awaited<ReturnType<typeof startApi>>;
  beforeAll(async () => {
    api = await startApi({});
    bench = await openWorkbench('pglite', {}, undefined, api.host);
    owner = bench.people.owner;
  });
  afterAll(async () => {
    await bench?.close();
    api?.server.close();
    api?.server.closeAllConnections();
  });

  test.each(PUBLISHED)(
    '$name: every operation becomes a tool, or is refused with its reason',
    ({ name, files, imported, refused }) => {
      const counts = { documents: 0, imported: 0, refused: 0 };
      const reasons = new Map<string, number>();
      for (const file of files) {
        const main = fileOf(file);
        const read = readDocument({ main, url: null, others: new Map(), prefix: null });
        // Two of Twilio's documents have no paths at all.
        if (read.kind !== 'read') {
          expect(read).toEqual({ kind: 'unreadable', reason: 'The document has no operations.' });
          continue;
        }
        const names = new Set(read.drafts.map((draft) => draft.name));
        expect(names.size).toBe(read.drafts.length);
        for (const each of names) expect(each).toMatch(/^(?=.{1,64}$)[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/);
        const { paths } = JSON.parse(main.toString()) as { paths: Record<string, object> };
        const verbs = /^(?:get|post|put|patch|delete|head|options|trace)$/;
        const total = Object.values(paths).flatMap((item) => Object.keys(item).filter((key) => verbs.test(key))).length;
        expect(read.drafts.length + read.refused.length).toBe(total);
        counts.documents += 1;
        counts.imported += read.drafts.length;
        counts.refused += read.refused.length;
        for (const { reason } of read.refused) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      console.log(name, counts, Object.fromEntries(reasons));
      expect(counts).toMatchObject({ imported, refused });
    },
  );

  const OAUTH = {
    openapi: '3.1.0',
    info: { title: 'Refunds', version: '1' },
    servers: [{ url: 'https://api.refunds.example/v1' }],
    security: [{ login: ['read'] }],
    components: {
      securitySchemes: {
        login: {
          type: 'oauth2',
          flows: {
            authorizationCode: {
              authorizationUrl: 'https://login.refunds.example/authorize',
              tokenUrl: '/oauth/token',
              scopes: { read: 'Read', 'not a scope': '' },
            },
          },
        },
        machine: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://login.refunds.example/token' } } },
      },
    },
    paths: { '/refunds': { get: { operationId: 'list', responses: { 200: { description: 'ok' } } } } },
  };

  test('a document with OAuth offers its provider, and the connector is made to be authorized there', async () => {
    const preview = made(await owner('POST', PREVIEW, { document: JSON.stringify(OAUTH) }));
    const [login, machine] = preview.schemes;
    expect(login.oauth).toEqual({
      authorize_url: 'https://login.refunds.example/authorize',
      token_url: 'https://api.refunds.example/oauth/token',
      scopes: ['read'],
    });
    expect(machine.oauth).toBeNull();
    const request = (authorization: object) => ({
      document: JSON.stringify(OAUTH),
      sha256: preview.sha256,
      connector: { name: 'Refunds by OAuth', base_url: preview.servers[0], authorization },
      operations: [{ operation: 'GET /refunds' }],
    });
    const early = await owner('POST', IMPORT, request({ kind: 'oauth', ...login.oauth }));
    expect(early).toMatchObject({ status: 422, body: { errors: [{ field: 'connector.authorization.client_id' }] } });
    const done = made(await owner('POST', IMPORT, request({ kind: 'oauth', ...login.oauth, client_id: 'gate' })));
    expect(done.imported).toHaveLength(1);
    expect(made(await owner('GET', `/v1/connectors/${done.connector_id}`))).toMatchObject({
      status: 'active',
      authorization: 'none',
      config: { authorization: { kind: 'oauth', token_url: login.oauth.token_url, client_id: 'gate' } },
    });
    const begun = made(await owner('POST', `/v1/connectors/${done.connector_id}/authorization`));
    expect(new URL(begun.authorize_url).searchParams.get('scope')).toBe('read');
  });

  test.each(PUBLISHED)(
    '$name: five operations, imported and called, arrive as the document says',
    async ({ name, files, calls }) => {
      const document = fileOf(files.find((file) => !file.includes('twilio') || file.includes('api_v2010'))!);
      const preview = made(await upload(owner, PREVIEW, {}, document));
      const request = {
        sha256: preview.sha256,
        connector: { name, base_url: api.origin },
        operations: calls.map(([operation]) => ({ operation })),
      };
      const done = made(await upload(owner, IMPORT, request, document));
      expect(done).toMatchObject({ imported: calls.map(([operation]) => ({ operation })), refused: [] });
      const client = await bench.newClient();
      for (const [at, [, args, { body, ...arrives }]] of calls.entries()) {
        const tool = done.imported[at].name;
        await bench.newGrant(client.id, tool, 'auto');
        const reply = await client.send('POST', '/api/agent/gateway', { tool, arguments: args });
        expect(reply, reply.text).toMatchObject({ status: 200, body: { status: 'executed' } });
        const arrival = api.arrivals.at(-1)!;
        expect(arrival).toMatchObject(arrives);
        if (Array.isArray(body)) expect([...new URLSearchParams(arrival.body)]).toEqual(body);
        else if (typeof body === 'object') expect(JSON.parse(arrival.body)).toEqual(body);
        else expect(arrival.body).toBe('');
      }
    },
  );

  test("GitHub's 13 MB are read beside the calls, and all of it is imported", async () => {
    const document = fileOf(PUBLISHED[0]!.files[0]!);
    // What the loop of the gate is held up for while a thread reads.
    let longestMs = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const preview = made(await upload(owner, PREVIEW, { prefix: 'gh' }, document));
    clearInterval(beat);
    console.log(`preview of ${document.length} bytes: the loop stood still for ${Math.round(longestMs)} ms at most`);
    const operations = preview.operations.map(({ operation }: { operation: string }) => ({ operation }));
    const connector = { name: 'All of GitHub', base_url: api.origin };
    const done = made(
      await upload(owner, IMPORT, { prefix: 'gh', sha256: preview.sha256, connector, operations }, document),
    );
    expect([done.imported.length, done.refused]).toEqual([1222, []]);
    const again = made(await upload(owner, PREVIEW, { prefix: 'gh', connector_id: done.connector_id }, document));
    expect(new Set(again.operations.map(({ state }: { state: string }) => state))).toEqual(new Set(['same']));
  });
});
