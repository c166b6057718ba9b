import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import type { Effect } from '../../kernel/codes.ts';
import { createClient } from '../clients/create.ts';
import { revokeClient } from '../clients/revoke.ts';
import { createClientInput } from '../clients/schemas.ts';
import { archiveTool } from '../tools/archive.ts';
import { createTool } from '../tools/create.ts';
import { createToolInput } from '../tools/schemas.ts';
import { createGrant } from './create.ts';
import { findGrant, listGrants } from './read.ts';
import { removeGrant } from './remove.ts';
import { createGrantInput, updateGrantInput } from './schemas.ts';
import { updateGrant } from './update.ts';

describe.each(engines)('grants on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  let clientId: string;
  let made = 0;
  const store = () => opened.store;
  const makeClient = async (where = workspace) =>
    (await mustAct(store(), where, 'admin', (verb) => createClient(verb, createClientInput.parse({ name: 'agent' }))))
      .id;
  const makeTool = (effect: Effect = 'send', where = workspace) => {
    made += 1;
    const input = { name: `tool_${made}`, effect, input_schema: { type: 'object' }, handler_kind: 'noop' };
    return mustAct(store(), where, 'admin', (verb) => createTool(verb, createToolInput.parse(input)));
  };
  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
    clientId = await makeClient();
  });
  afterAll(() => opened?.close());

  const grant = (input: object, client = clientId) =>
    act(store(), workspace, 'admin', (verb) =>
      createGrant(verb, { ...createGrantInput.parse(input), clientId: client }),
    );
  const mustGrant = (input: object) =>
    mustAct(store(), workspace, 'admin', (verb) => createGrant(verb, { ...createGrantInput.parse(input), clientId }));

  test.each<[Effect, string]>([
    ['read', 'auto'],
    ['send', 'approve'],
    ['charge', 'approve-dual'],
  ])('a tool that can %s is granted with %s unless told otherwise', async (effect, policy) => {
    const tool = await makeTool(effect);
    expect(await mustGrant({ tool: tool.name })).toMatchObject({
      tool_id: tool.id,
      tool: tool.name,
      effect,
      policy,
      updated_by: workspace.users.admin,
      version: 1,
      warnings: [],
    });
  });

  test('an explicit policy is kept, and a risky one comes with a warning', async () => {
    const tool = await makeTool('delete');
    const granted = await mustGrant({ tool_id: tool.id, policy: 'auto' });
    expect(granted).toMatchObject({ policy: 'auto', warnings: [expect.stringContaining('delete')] });
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'policy.updated',
      outcome: 'granted',
      before_state: null,
      after_state: { tool: tool.name, policy: 'auto' },
    });
  });

  test('approvers are members who can decide', async () => {
    const tool = await makeTool();
    const foreign = await seedWorkspace(store());
    const { member, viewer } = workspace.users;
    expect(await grant({ tool: tool.name, approver_user_ids: [member, foreign.users.admin] })).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'approver_user_ids.1' }],
    });
    expect(await grant({ tool: tool.name, approver_user_ids: [viewer] })).toMatchObject({ code: 'invalid_request' });
    expect(await grant({ tool: tool.name, approver_user_ids: [member] })).toMatchObject({
      approver_user_ids: [member],
    });
  });

  test.each([
    [{}],
    [{ tool: 'a', tool_id: 'tool_01h455vb4pex5vsknk084sn02q' }],
    [{ tool: 'a', policy: 'never' }],
    [{ tool: 'a', x: 1 }],
  ])('%j is no grant', (input) => {
    expect(createGrantInput.safeParse(input).success).toBe(false);
  });

  test('what is granted is an active tool of this workspace, once', async () => {
    const [tool, archived] = [await makeTool(), await makeTool()];
    await mustGrant({ tool: tool.name });
    expect(await grant({ tool_id: tool.id })).toMatchObject({ code: 'conflict' });
    await mustAct(store(), workspace, 'admin', (verb) => archiveTool(verb, { id: archived.id }));
    expect(await grant({ tool_id: archived.id })).toMatchObject({ code: 'invalid_request' });
    expect(await grant({ tool: 'no.such_tool' })).toMatchObject({ code: 'invalid_request' });
    const foreign = await makeTool('read', await seedWorkspace(store()));
    expect(await grant({ tool_id: foreign.id })).toMatchObject({ code: 'invalid_request' });
    expect(await grant({ tool: foreign.name })).toMatchObject({ code: 'invalid_request' });
  });

  test('an edit names its editor, who may then not decide dual approvals', async () => {
    const granted = await mustGrant({ tool: (await makeTool('charge')).name });
    const edited = await mustAct(store(), workspace, 'owner', (verb) =>
      updateGrant(verb, { ...updateGrantInput.parse({ policy: 'auto' }), clientId, id: granted.id, ifVersion: 1 }),
    );
    expect(edited).toMatchObject({ policy: 'auto', updated_by: workspace.users.owner, version: 2 });
    expect(edited.warnings).toHaveLength(1);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'policy.updated',
      before_state: { policy: 'approve-dual' },
      after_state: { policy: 'auto' },
    });
    const late = await act(store(), workspace, 'admin', (verb) =>
      updateGrant(verb, { policy: 'approve', clientId, id: granted.id, ifVersion: 1 }),
    );
    expect(late).toMatchObject({ code: 'version_mismatch' });
  });

  test("another client's grant is not found under this one", async () => {
    const granted = await mustGrant({ tool: (await makeTool()).name });
    const other = await makeClient();
    const under = { clientId: other, id: granted.id };
    const edited = await act(store(), workspace, 'admin', (verb) => updateGrant(verb, { ...under, policy: 'auto' }));
    expect(edited).toMatchObject({ code: 'not_found' });
    const removed = await act(store(), workspace, 'admin', (verb) => removeGrant(verb, under));
    expect(removed).toMatchObject({ code: 'not_found' });
  });

  test('a grant is taken back, with what it said in the log', async () => {
    const granted = await mustGrant({ tool: (await makeTool()).name });
    await mustAct(store(), workspace, 'admin', (verb) => removeGrant(verb, { clientId, id: granted.id }));
    const left = await store().withTenant(workspace.tenantId, (tx) => findGrant(tx, clientId, granted.id));
    expect(left).toBeUndefined();
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'policy.updated',
      outcome: 'removed',
      before_state: { policy: 'approve' },
      after_state: null,
    });
  });

  test('a revoked client is granted nothing', async () => {
    const client = await makeClient();
    await mustAct(store(), workspace, 'admin', (verb) => revokeClient(verb, { id: client }));
    expect(await grant({ tool: (await makeTool()).name }, client)).toMatchObject({ code: 'conflict' });
  });

  test('a list holds what this client was granted', async () => {
    const client = await makeClient();
    const { id } = (await grant({ tool: (await makeTool()).name }, client)) as { id: string };
    const { items } = await store().withTenant(workspace.tenantId, (tx) =>
      listGrants(tx, { clientId: client, limit: 25 }),
    );
    expect(items.map((one) => one.id)).toEqual([id]);
  });
});
