import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../src/ledger/events.ts';
import { engines } from './support/engines.ts';
import type { Send } from './support/gate.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
type Body = any;

describe.each(engines)('a workspace at a glance on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  const overview = async (by: Send, query = ''): Promise<Body> => made(await by('GET', `/v1/overview${query}`));
  const sums = ({ calls }: Body) =>
    calls.reduce(
      (all: Record<string, number>, { hour: _, ...one }: Record<string, number>) =>
        Object.fromEntries(Object.entries(one).map(([state, count]) => [state, (all[state] ?? 0) + count])),
      {},
    );

  test('counts calls by hour and by what became of them, refusals by step, and how long people take', async () => {
    const { owner, admin } = bench.people;
    const client = await bench.newClient();
    const before = { sums: sums(await overview(owner)), decisions: (await overview(owner)).decisions.count };
    const [runs, waits, fails] = [await bench.newTool(), await bench.newTool(), await bench.newTool('/status/500')];
    await bench.newGrant(client.id, runs.name, 'auto');
    await bench.newGrant(client.id, waits.name, 'approve');
    await bench.newGrant(client.id, fails.name, 'auto');
    const call = (tool: string, args: object = { text: 'x' }) =>
      client.send('POST', '/api/agent/gateway', { tool, arguments: args });
    await call(runs.name);
    await call(runs.name);
    await call(runs.name, { text: 1 });
    await call('made.nowhere');
    const held = made(await call(waits.name));
    const denied = made(await call(waits.name));
    const decision = { decision: 'denied', reason: 'No', payload_sha256: denied.payload_sha256 };
    made(await admin('POST', `/v1/approvals/${denied.approval_id}/decisions`, decision));

    const now = await overview(owner);
    expect(sums(now).executed).toBe((before.sums.executed ?? 0) + 2);
    expect(sums(now).held).toBe((before.sums.held ?? 0) + 1);
    expect(sums(now).refused).toBe((before.sums.refused ?? 0) + 3);
    expect(now.refusals).toEqual(
      expect.arrayContaining([
        { step: 'schema', code: 'invalid_arguments', count: expect.any(Number) },
        { step: 'grant', code: 'not_granted', count: expect.any(Number) },
      ]),
    );
    expect(now.decisions.count).toBe(before.decisions + 1);
    expect(now.decisions.median_ms).toBeGreaterThanOrEqual(0);
    expect(now.waiting.soonest.map(({ id }: Body) => id)).toContain(held.approval_id);
    expect(now.calls).toHaveLength(now.calls.length);
    for (const { hour } of now.calls) expect(hour).toMatch(/:00:00\.000Z$/);
    expect(Date.parse(now.to) - Date.parse(now.from)).toBe(24 * 3_600_000);
    expect((await overview(owner, '?hours=1')).calls.length).toBeLessThanOrEqual(2);
    for (const hours of ['0', '169', 'x', '1.5']) {
      expect((await owner('GET', `/v1/overview?hours=${hours}`)).status).toBe(422);
    }
  });

  test('says what is stopped, and when the chain was verified, to those who may read it', async () => {
    const { owner, member, viewer } = bench.people;
    expect((await overview(owner)).chain).toBeNull();
    made(await owner('POST', '/v1/audit/verify'));
    await bench.gate.sequenced();
    expect((await overview(viewer)).chain).toMatchObject({ ok: true, verified_by: bench.userIds.owner });
    expect((await overview(member)).chain).toBeNull();
    const tool = await bench.newTool();
    const flip = { scope: 'tool', id: tool.id, reason: 'Stop' };
    const killSwitch = made(await owner('POST', '/v1/kill-switches', flip));
    expect((await overview(member)).stopped).toMatchObject([{ id: killSwitch.id, reason: 'Stop' }]);
    made(await owner('DELETE', `/v1/kill-switches/${killSwitch.id}`));
  });

  test('a member is told of their own calls, as in the list', async () => {
    const { member } = bench.people;
    const { items } = made(await member('GET', '/v1/executions?limit=100'));
    const all = Object.values(sums(await overview(member))) as number[];
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(items.length);
  });

  test('one search finds each kind, and for everybody only what their lists have', async () => {
    const { owner, member } = bench.people;
    const client = await bench.newClient();
    made(await owner('PATCH', `/v1/clients/${client.id}`, { name: 'Quokka agent' }));
    const tool = await bench.newTool('/ok', { name: 'quokka.feed' } as never);
    await bench.newGrant(client.id, tool.name, 'approve');
    made(await owner('POST', '/v1/connectors', { name: 'quokka connector', kind: 'noop' }));
    const ask = { tool: tool.name, arguments: { text: 'x' } };
    const held = made(await client.send('POST', '/api/agent/gateway', ask));
    await bench.gate.sequenced();
    const search = async (q: string, by: Send): Promise<Body[]> =>
      made(await by('GET', `/v1/search?q=${encodeURIComponent(q)}`)).items;
    const kinds = (items: Body[]) => items.map(({ kind }) => kind);
    expect(kinds(await search('QUOKKA', owner))).toEqual(['client', 'tool', 'connector', 'approval', 'execution']);
    expect(await search(held.approval_id, owner)).toMatchObject([{ kind: 'approval', status: 'waiting' }]);
    expect(await search(held.execution_id, owner)).toMatchObject([{ kind: 'execution', id: held.execution_id }]);
    expect(kinds(await search('quokka', member))).toEqual(['client', 'tool', 'connector']);
    expect(kinds(await search('owner@', owner))).toEqual(['member']);
    expect(await search('%', owner)).toEqual([]);
    expect((await owner('GET', '/v1/search')).status).toBe(422);
    const theirs = await bench.gate.person('owner', 0, bench.gate.other);
    expect(await search('quokka', theirs)).toEqual([]);
  });

  test('the names of events are told to those who read the log', async () => {
    const { viewer, member } = bench.people;
    expect(made(await viewer('GET', '/v1/audit/event-types'))).toEqual({ items: EVENT_TYPES });
    expect((await member('GET', '/v1/audit/event-types')).status).toBe(403);
  });
});
