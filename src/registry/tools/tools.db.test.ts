import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import type { Problem } from '../../kernel/codes.ts';
import { createConnector } from '../connectors/create.ts';
import { revokeConnector } from '../connectors/revoke.ts';
import { createConnectorInput } from '../connectors/schemas.ts';
import { updateConnector } from '../connectors/update.ts';
import { archiveTool } from './archive.ts';
import { createTool } from './create.ts';
import { findTool, findToolByName, listTools } from './read.ts';
import { createToolInput } from './schemas.ts';
import { updateTool } from './update.ts';

describe.each(engines)('tools and connectors on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  let connectorId: string;
  let made = 0;
  const store = () => opened.store;
  const connector = (config: object = { base_url: 'https://api.example.com/v1' }, kind = 'http') => {
    made += 1;
    const input = createConnectorInput.parse({ name: `connector ${made}`, kind, config });
    return act(store(), workspace, 'admin', (verb) => createConnector(verb, input));
  };
  const inputOf = (overrides: object = {}) => {
    made += 1;
    return createToolInput.parse({
      name: `mail.send_${made}`,
      effect: 'send',
      input_schema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
      connector_id: connectorId,
      handler_kind: 'http',
      handler_config: { method: 'POST', path: '/mail' },
      ...overrides,
    });
  };
  const tool = (overrides: object = {}) =>
    act(store(), workspace, 'admin', (verb) => createTool(verb, inputOf(overrides)));
  const mustTool = (overrides: object = {}) =>
    mustAct(store(), workspace, 'admin', (verb) => createTool(verb, inputOf(overrides)));
  const read = (id: string) => store().withTenant(workspace.tenantId, (tx) => findTool(tx, id));

  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
    const authorized = await connector();
    if (!('id' in authorized)) throw new Error('not authorized');
    connectorId = authorized.id;
  });
  afterAll(() => opened?.close());

  test('a new tool has its definition hash, with the defaults of its config written out', async () => {
    const created = await mustTool();
    expect(created).toMatchObject({ effect: 'send', status: 'active', version: 1, connector_id: connectorId });
    expect(created.handler_config).toMatchObject({ method: 'POST', path: '/mail', timeout_ms: 30_000 });
    expect(created.definition_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await read(created.id)).toEqual(created);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'tool.created',
      after_state: { name: created.name, handler_kind: 'http', definition_sha256: created.definition_sha256 },
    });
  });

  test('an edit changes the hash, unless it only rewords the description', async () => {
    const created = await mustTool();
    const edit = (change: object) =>
      mustAct(store(), workspace, 'admin', (verb) => updateTool(verb, { id: created.id, ...change }));
    const reworded = await edit({ description: 'Sends one mail.' });
    expect(reworded).toMatchObject({ version: 2, definition_sha256: created.definition_sha256 });

    const hashes = new Set([created.definition_sha256]);
    const changes = [
      { name: `${created.name}_x` },
      { effect: 'publish' },
      { input_schema: { type: 'object' } },
      { handler_config: { method: 'PUT', path: '/mail' } },
      { connector_id: null, handler_kind: 'noop', handler_config: {} },
    ];
    for (const change of changes) hashes.add((await edit(change)).definition_sha256);
    expect(hashes.size).toBe(changes.length + 1);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'tool.updated',
      before_state: { handler_kind: 'http', handler_config: { method: 'PUT' } },
      after_state: { handler_kind: 'noop', handler_config: {} },
    });
  });

  test('an edit of an older version changes nothing', async () => {
    const created = await mustTool();
    const edit = (description: string, ifVersion: number) =>
      act(store(), workspace, 'admin', (verb) => updateTool(verb, { id: created.id, description, ifVersion }));
    await edit('first', 1);
    expect(await edit('second', 1)).toMatchObject({ code: 'version_mismatch' });
    expect(await read(created.id)).toMatchObject({ description: 'first' });
  });

  test('a name is taken by one active tool, and free again when that is archived', async () => {
    const first = await mustTool({ name: 'taken.name' });
    expect(await tool({ name: 'taken.name' })).toMatchObject({ code: 'conflict' });
    const other = await mustTool();
    const renamed = await act(store(), workspace, 'admin', (verb) =>
      updateTool(verb, { id: other.id, name: 'taken.name' }),
    );
    expect(renamed).toMatchObject({ code: 'conflict' });

    await mustAct(store(), workspace, 'admin', (verb) => archiveTool(verb, { id: first.id }));
    expect(await read(first.id)).toMatchObject({ status: 'archived' });
    const second = await mustTool({ name: 'taken.name' });
    const named = await store().withTenant(workspace.tenantId, (tx) => findToolByName(tx, 'taken.name'));
    expect(named?.id).toBe(second.id);
    const again = await act(store(), workspace, 'admin', (verb) => archiveTool(verb, { id: first.id }));
    expect(again).toMatchObject({ code: 'conflict' });
    const edited = await act(store(), workspace, 'admin', (verb) =>
      updateTool(verb, { id: first.id, description: 'x' }),
    );
    expect(edited).toMatchObject({ code: 'conflict' });
  });

  test.each<[string, object, string]>([
    ['a schema that is no schema', { input_schema: { type: 'object', properties: 7 } }, 'input_schema'],
    ['a schema for something else', { input_schema: { type: 'array' } }, 'input_schema'],
    ['a schema with a NUL', { input_schema: { type: 'object', title: 'a\0b' } }, 'input_schema'],
    [
      'a pattern that could stall',
      { input_schema: { type: 'object', properties: { a: { pattern: '(a)\\1' } } } },
      'input_schema',
    ],
    ['a config for another handler', { handler_config: { url: 'https://x.example' } }, 'handler_config'],
    [
      'a header with a credential',
      { handler_config: { method: 'GET', path: '/', headers: { Authorization: 'Bearer abcdefgh1' } } },
      'handler_config.headers.Authorization',
    ],
    ['a connector that is not there', { connector_id: 'con_01h455vb4pex5vsknk084sn02q' }, 'connector_id'],
    ['http without a connector', { connector_id: null }, 'connector_id'],
    ['noop with an http connector', { handler_kind: 'noop', handler_config: {} }, 'connector_id'],
  ])('%s is refused, and the field is named', async (_name, overrides, field) => {
    const answer = await tool(overrides);
    expect(answer).toMatchObject({ code: 'invalid_request' });
    const { errors = [] } = answer as Problem;
    expect(errors[0]?.field).toContain(field);
  });

  test('why a credential is refused is said', async () => {
    const answer = await tool({ handler_config: { method: 'GET', path: '/', headers: { 'X-Api-Key': 'abc' } } });
    expect(answer).toMatchObject({ detail: expect.stringContaining('into the secrets of the workspace') });
  });

  test.each(['Mail', '1mail', 'mail.', '.mail', 'mail..send', 'mail-send', 'mail send', 'a'.repeat(65), ''])(
    '%j is no name for a tool',
    (name) => {
      expect(createToolInput.safeParse({ ...inputOf(), name }).success).toBe(false);
    },
  );

  test("a connector's new target gives its tools a new hash, and no other tool", async () => {
    const own = await connector();
    if (!('id' in own)) throw new Error('not authorized');
    const [behind, beside] = [await mustTool({ connector_id: own.id }), await mustTool()];
    const change = (input: object) =>
      mustAct(store(), workspace, 'admin', (verb) => updateConnector(verb, { id: own.id, ...input }));

    await change({ name: 'another name' });
    expect(await read(behind.id)).toEqual(behind);

    await change({ config: { base_url: 'https://elsewhere.example' } });
    const after = (await read(behind.id))!;
    expect(after.definition_sha256).not.toBe(behind.definition_sha256);
    expect(after.version).toBe(behind.version + 1);
    expect(await read(beside.id)).toEqual(beside);
    const events = (await pendingAudit(store(), workspace.tenantId)).slice(-2);
    expect(events).toMatchObject([
      { event_type: 'connector.updated', before_state: { config: { base_url: 'https://api.example.com/v1' } } },
      { event_type: 'tool.updated', after_state: { definition_sha256: after.definition_sha256 } },
    ]);

    // The hash is of the present target, however it came about.
    await change({ config: { base_url: 'https://api.example.com/v1' } });
    expect((await read(behind.id))?.definition_sha256).toBe(behind.definition_sha256);
  });

  test('a tool and a connector that would set the same header are not saved, whichever comes later', async () => {
    const own = await connector({ base_url: 'https://api.example.com', headers: { 'X-Team': 'ours' } });
    if (!('id' in own)) throw new Error('not made');
    const taking = (name: string, header: string) => ({
      name,
      connector_id: own.id,
      handler_config: { method: 'POST', path: '/', header_arguments: [{ argument: 'to', name: header }] },
    });
    expect(await tool(taking('team.taken', 'x-team'))).toMatchObject({
      errors: [{ field: 'handler_config.header_arguments', message: expect.stringContaining('X-Team'.toLowerCase()) }],
    });
    await mustTool(taking('team.free', 'X-Region'));
    const change = (headers: object) =>
      act(store(), workspace, 'admin', (verb) =>
        updateConnector(verb, { id: own.id, config: { base_url: 'https://api.example.com', headers } }),
      );
    expect(await change({ 'x-region': 'eu' })).toMatchObject({
      errors: [{ field: 'config.headers', message: expect.stringContaining('team.free') }],
    });
    expect(await change({ 'X-Team': 'theirs' })).toMatchObject({ id: own.id });
  });

  test('a connector holds no credential, in no spelling', async () => {
    expect(await connector({ base_url: 'https://user:secret@api.example.com' })).toMatchObject({
      code: 'invalid_request',
    });
    expect(await connector({ base_url: 'https://api.example.com', api_key: 'x' })).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'config.api_key' }],
    });
    expect(await connector({ base_url: 'ftp://api.example.com' })).toMatchObject({ code: 'invalid_request' });
  });

  test('kinds that are not there yet are named as such', () => {
    const answer = createConnectorInput.safeParse({ name: 'x', kind: 'telex', config: {} });
    expect(answer.error?.issues[0]?.message).toMatch(/^this version has the kinds http, .*noop/);
  });

  test('a revoked connector takes no tools and no edits', async () => {
    const own = await connector();
    if (!('id' in own)) throw new Error('not authorized');
    await mustAct(store(), workspace, 'admin', (verb) => revokeConnector(verb, { id: own.id }));
    expect(await tool({ connector_id: own.id })).toMatchObject({ code: 'invalid_request' });
    const edit = await act(store(), workspace, 'admin', (verb) => updateConnector(verb, { id: own.id, name: 'x' }));
    expect(edit).toMatchObject({ code: 'conflict' });
    const again = await act(store(), workspace, 'admin', (verb) => revokeConnector(verb, { id: own.id }));
    expect(again).toMatchObject({ code: 'conflict' });
  });

  test('a connector name is taken once, in one workspace', async () => {
    const input = createConnectorInput.parse({ name: 'the one', kind: 'noop' });
    const make = (where: TestWorkspace) => act(store(), where, 'admin', (verb) => createConnector(verb, input));
    expect(await make(workspace)).toMatchObject({ name: 'the one', kind: 'noop', config: {} });
    expect(await make(workspace)).toMatchObject({ code: 'conflict' });
    expect(await make(await seedWorkspace(store()))).toMatchObject({ name: 'the one' });
  });

  test('lists hold this workspace only, by status', async () => {
    const other = await seedWorkspace(store());
    const { items } = await store().withTenant(other.tenantId, (tx) => listTools(tx, { limit: 25 }));
    expect(items).toEqual([]);
    const archived = await store().withTenant(workspace.tenantId, (tx) =>
      listTools(tx, { limit: 25, status: 'archived' }),
    );
    expect(archived.items.every(({ status }) => status === 'archived')).toBe(true);
    expect(archived.items.length).toBeGreaterThan(0);
  });

  test('of tools made with one name at the same time, one is', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => tool({ name: 'race.name' })));
    expect(answers.filter((answer) => 'id' in answer)).toHaveLength(1);
  });
});
