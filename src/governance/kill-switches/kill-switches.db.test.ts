import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { act, mustAct, pendingAudit, seedWorkspace, type TestWorkspace } from '../../../test/support/workspace.ts';
import { isRefused } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { createClient } from '../../registry/clients/create.ts';
import { createClientInput } from '../../registry/clients/schemas.ts';
import { createGrant } from '../../registry/grants/create.ts';
import { createTool } from '../../registry/tools/create.ts';
import { createToolInput } from '../../registry/tools/schemas.ts';
import type { ApprovalStatus } from '../../store/tables.ts';
import { flipKillSwitch } from './flip.ts';
import { liftKillSwitch } from './lift.ts';
import { previewKillSwitch } from './preview.ts';
import { listKillSwitches } from './read.ts';
import { type FlipInput, flipInput, type PreviewInput } from './schemas.ts';

const reason = 'It sends mail to everybody.';

describe.each(engines)('kill switches on %s', (engine) => {
  let opened: TestStore;
  let workspace: TestWorkspace;
  const store = () => opened.store;
  beforeAll(async () => {
    opened = await openTestStore(engine);
    workspace = await seedWorkspace(store());
  });
  afterAll(() => opened?.close());

  const flip = (input: Omit<FlipInput, 'reason'>, where = workspace) =>
    act(store(), where, 'admin', (verb) => flipKillSwitch(verb, { ...input, reason }));
  const lift = (id: string, liftReason?: string, where = workspace) =>
    act(store(), where, 'owner', (verb) => liftKillSwitch(verb, { id, reason: liftReason }));
  const preview = (input: PreviewInput, where = workspace) =>
    store().withTenant(where.tenantId, (tx) => previewKillSwitch(tx, input));
  const makeClient = async (where = workspace) =>
    (await mustAct(store(), where, 'admin', (verb) => createClient(verb, createClientInput.parse({ name: 'agent' }))))
      .id;
  const makeTool = async (name: string, where = workspace) => {
    const input = { name, effect: 'send', input_schema: { type: 'object' }, handler_kind: 'noop' };
    return (await mustAct(store(), where, 'admin', (verb) => createTool(verb, createToolInput.parse(input)))).id;
  };
  const factsVersion = async (): Promise<number> => {
    const row = await store().withTenant(workspace.tenantId, (tx) =>
      tx.db.selectFrom('workspaces').select('facts_version').executeTakeFirstOrThrow(),
    );
    return Number(row.facts_version);
  };

  test('on, once; lifted, once; on again', async () => {
    const facts = await factsVersion();
    const on = await flip({ scope: 'workspace' });
    expect(on).toMatchObject({
      scope: 'workspace',
      target_id: null,
      status: 'on',
      reason,
      flipped_by: workspace.users.admin,
    });
    expect(await factsVersion()).toBeGreaterThan(facts);
    expect(await flip({ scope: 'workspace' })).toMatchObject({ code: 'conflict' });

    const { id } = on as { id: string };
    const lifted = await lift(id, 'Fixed.');
    expect(lifted).toMatchObject({ status: 'lifted', lifted_by: workspace.users.owner, lift_reason: 'Fixed.' });
    expect(await lift(id)).toMatchObject({ code: 'conflict' });
    expect((await pendingAudit(store(), workspace.tenantId)).slice(-2)).toMatchObject([
      { event_type: 'kill_switch.flipped', before_state: null, after_state: { reason } },
      { event_type: 'kill_switch.lifted', before_state: { status: 'on' }, after_state: { status: 'lifted' } },
    ]);

    const again = (await flip({ scope: 'workspace' })) as { id: string };
    expect(again.id).not.toBe(id);
    await lift(again.id);
    const list = (status?: 'on' | 'lifted') =>
      store().withTenant(workspace.tenantId, (tx) => listKillSwitches(tx, { limit: 25, status }));
    expect((await list('on')).items).toEqual([]);
    expect((await list()).items.map((one) => one.id)).toEqual([again.id, id]);
  });

  test('of flips at the same time, one happens', async () => {
    const id = await makeClient();
    const answers = await Promise.all(Array.from({ length: 5 }, () => flip({ scope: 'client', id })));
    expect(answers.filter((answer) => !isRefused(answer))).toHaveLength(1);
  });

  test('what is not of this workspace cannot be stopped from it', async () => {
    const other = await seedWorkspace(store());
    const [client, tool] = [await makeClient(other), await makeTool('theirs', other)];
    expect(await flip({ scope: 'client', id: client })).toMatchObject({ code: 'not_found' });
    expect(await flip({ scope: 'tool', id: tool })).toMatchObject({ code: 'not_found' });
    expect(await flip({ scope: 'agent', id: newId('agt') })).toMatchObject({ code: 'not_found' });
    expect(await preview({ scope: 'tool', id: tool })).toMatchObject({ code: 'not_found' });
    const theirs = (await flip({ scope: 'client', id: client }, other)) as { id: string };
    expect(await lift(theirs.id)).toMatchObject({ code: 'not_found' });
  });

  test.each([
    [{ scope: 'workspace', id: newId('icl'), reason }],
    [{ scope: 'tool', reason }],
    [{ scope: 'tool', id: newId('icl'), reason }],
    [{ scope: 'client', id: "' or 1=1", reason }],
    [{ scope: 'galaxy', reason }],
    [{ scope: 'workspace' }],
    [{ scope: 'workspace', reason: ' ' }],
    [{ scope: 'workspace', reason: 'x'.repeat(501) }],
  ])('%j flips nothing', (input) => {
    expect(flipInput.safeParse(input).success).toBe(false);
  });

  test('the preview counts what would stop, and changes nothing', async () => {
    const own = await seedWorkspace(store());
    const [mail, pay] = [await makeTool('mail', own), await makeTool('pay', own)];
    const [first, second] = [await makeClient(own), await makeClient(own)];
    for (const [clientId, tool] of [
      [first, 'mail'],
      [first, 'pay'],
      [second, 'mail'],
    ] as const) {
      await mustAct(store(), own, 'admin', (verb) => createGrant(verb, { clientId, tool, approver_user_ids: [] }));
    }
    await approvals(own, [
      [first, mail, 'pending', 60],
      [first, pay, 'approved', 60],
      [second, mail, 'pending', 60],
      [second, mail, 'pending', -60],
      [second, mail, 'consumed', 60],
    ]);
    const counts = async (input: PreviewInput) => {
      const answer = await preview(input, own);
      if (isRefused(answer)) throw new Error(answer.detail);
      return [answer.clients, answer.grants, answer.open_approvals, answer.already_on];
    };
    expect(await counts({ scope: 'workspace' })).toEqual([2, 3, 3, false]);
    expect(await counts({ scope: 'tool', id: mail })).toEqual([2, 2, 2, false]);
    expect(await counts({ scope: 'tool', id: pay })).toEqual([1, 1, 1, false]);
    expect(await counts({ scope: 'client', id: first })).toEqual([1, 2, 2, false]);
    await flip({ scope: 'tool', id: pay }, own);
    expect(await counts({ scope: 'tool', id: pay })).toEqual([1, 1, 1, true]);
  });

  /** Approvals as the gateway would have left them; `expiresIn` in seconds. */
  async function approvals(own: TestWorkspace, rows: [string, string, ApprovalStatus, number][]): Promise<void> {
    await store().withTenant(own.tenantId, async (tx) => {
      for (const [principal_id, tool_id, status, expiresIn] of rows) {
        const common = {
          tenant_id: tx.tenantId,
          principal_kind: 'client' as const,
          principal_id,
          tool_id,
          tool_name: 'x',
        };
        const execution_id = newId('exe');
        await tx.db
          .insertInto('agent_execution_logs')
          .values({ ...common, id: execution_id, status: 'pending_approval', via: 'rest' })
          .execute();
        await tx.db
          .insertInto('approvals')
          .values({
            ...common,
            id: newId('apv'),
            execution_id,
            status,
            policy: 'approve',
            envelope: '{}',
            payload_sha256: 'x',
            definition_sha256: 'x',
            effect: 'send',
            requester_user_ids: [],
            expires_at: new Date(tx.at.getTime() + expiresIn * 1000),
          })
          .execute();
      }
    });
  }
});
