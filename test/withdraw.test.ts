import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import type { PersonName } from './support/people.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

/** A signature can be taken back while others are waited for, and time that is over is over at once. */

describe.each(engines)('approvals that wait on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  async function held(policy: 'approve' | 'approve-dual') {
    const [client, tool] = [await bench.newClient(), await bench.newTool()];
    await bench.newGrant(client.id, tool.name, policy);
    const body = made(await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'x' } }));
    return { id: body.approval_id as string, sha256: body.payload_sha256 as string, client, tool };
  }
  const sign = (by: PersonName, { id, sha256 }: { id: string; sha256: string }) =>
    bench.people[by]('POST', `/v1/approvals/${id}/decisions`, { decision: 'granted', payload_sha256: sha256 });
  const withdraw = (by: PersonName, { id }: { id: string }) =>
    bench.people[by]('DELETE', `/v1/approvals/${id}/decisions/mine`);
  const seen = async (by: PersonName, { id }: { id: string }) =>
    made(await bench.people[by]('GET', `/v1/approvals/${id}`));

  test('the first of two signers withdraws, counts no more, and may sign again', async () => {
    const one = await held('approve-dual');
    expect(made(await sign('admin', one))).toMatchObject({ status: 'pending', votes: 1 });
    expect((await withdraw('second_admin', one)).body.code).toBe('conflict');
    expect(made(await withdraw('admin', one))).toEqual({ status: 'pending', votes: 0, votes_needed: 2 });
    expect(await seen('admin', one)).toMatchObject({ votes: 0, decisions: [], may_decide: true });
    expect((await withdraw('admin', one)).body.code).toBe('conflict');
    expect(made(await sign('second_admin', one))).toMatchObject({ status: 'pending', votes: 1 });
    expect(made(await sign('admin', one)).status).toBe('approved');
    expect((await withdraw('admin', one)).body.code).toBe('conflict');
    const entries = await bench.entries({ resources: [one.id] });
    const withdrawn = entries.filter(({ event_type }) => event_type === 'approval.withdrawn');
    expect(withdrawn).toHaveLength(1);
    expect(withdrawn[0]).toMatchObject({
      payload_sha256: one.sha256,
      actor: { id: bench.userIds.admin },
      data: { approval_id: one.id, approver_user_id: bench.userIds.admin, votes: 0 },
    });
  });

  test('a withdrawal and the second signature at once: one of them counts', async () => {
    for (let nth = 0; nth < 6; nth += 1) {
      const one = await held('approve-dual');
      made(await sign('admin', one));
      const [back, second] = await Promise.all([withdraw('admin', one), sign('second_admin', one)]);
      const { status, votes } = await seen('owner', one);
      made(second);
      if (back.status === 200) expect([status, votes]).toEqual(['pending', 1]);
      else expect([status, back.body.code]).toEqual(['approved', 'conflict']);
    }
  });

  test("another workspace's approval is not found, a viewer may not, a client's token is no person", async () => {
    const one = await held('approve-dual');
    const foreigner = await bench.gate.person('owner', 0, bench.gate.other);
    const path = `/v1/approvals/${one.id}/decisions/mine`;
    expect((await foreigner('DELETE', path)).status).toBe(404);
    expect((await bench.people.viewer('DELETE', path)).status).toBe(403);
    expect((await one.client.send('DELETE', path)).status).toBe(403);
  });

  test('an approval past its time is nowhere told as waiting, also before the sweep has come by', async () => {
    const one = await held('approve');
    const two = await held('approve');
    made(await sign('admin', two));
    const waiting = async (status: string) =>
      made(await bench.people.owner('GET', `/v1/approvals?limit=100&status=${status}`)).items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await waiting('pending')).toContain(one.id);
    expect(await waiting('approved')).toContain(two.id);
    await bench.sql(`update approvals set expires_at = clock_timestamp() where id = any($1)`, [[one.id, two.id]]);
    const [pending, approved, expired] = [
      await waiting('pending'),
      await waiting('approved'),
      await waiting('expired'),
    ];
    expect(pending).not.toContain(one.id);
    expect(approved).not.toContain(two.id);
    expect(expired).toEqual(expect.arrayContaining([one.id, two.id]));
    expect(await seen('owner', one)).toMatchObject({ status: 'expired', may_decide: false, deciders: [] });
  });
});
