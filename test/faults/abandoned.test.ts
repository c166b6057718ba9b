import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../support/gate.ts';
import { services } from '../support/services.ts';
import { call, type Operation, signIn } from './support/caller.ts';
import { newJournal, newOp } from './support/load.ts';
import type { Node } from './support/node.ts';
import { expectSettled } from './support/settled.ts';
import { openSite, type Site } from './support/site.ts';
import { sql } from './support/sql.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

type Held = Operation & { readonly approvalId: string; readonly executionId: string };

/** What a node leaves behind that dies between a decision and the call it allows; two others find it. */
describe.skipIf(!services.databaseUrl)('approved calls whose node died', () => {
  let site: Site;
  let world: World;
  let nodes: readonly Node[];
  let owner: ReturnType<typeof send>;
  beforeAll(async () => {
    site = await openSite('postgres');
    world = await site.world();
    nodes = await Promise.all([site.start(), site.start()]);
    owner = send(nodes[0]!.url, await signIn(nodes[0]!.url, world));
  });
  afterAll(() => site?.close());

  const hold = async (tool = 'effect.approved'): Promise<Held> => {
    const operation = { op: newOp(), tool };
    const held = await call(nodes[0]!.url, world, operation, { executeOnApproval: true });
    if (held.kind !== 'pending') throw new Error(`It is ${held.kind}`);
    const { approval_id: approvalId, execution_id: executionId } = held.reply.body;
    return { ...operation, approvalId, executionId };
  };
  /** The decision as it was committed, and nothing of what should have followed. */
  const abandon = ({ approvalId }: Held, attemptedAt = 'null'): Promise<unknown> =>
    sql(
      site.databaseUrl!,
      `update approvals set status = 'approved', decided_at = clock_timestamp(), attempted_at = ${attemptedAt} where id = $1`,
      [approvalId],
    );
  const statusOf = async ({ executionId }: Held): Promise<string> =>
    (await owner('GET', `/v1/executions/${executionId}`)).body.status;

  test('are made by another node, once', async () => {
    const before = await hold();
    const within = await hold();
    await abandon(before);
    await abandon(within, `clock_timestamp() - interval '2 minutes'`);
    for (const held of [before, within]) {
      await until('the call is made', async () => (await statusOf(held)) === 'executed');
      expect(site.upstream.effects.get(held.op)).toBe(1);
    }
  });

  test('end with what refuses them, as where a kill switch is on, and their approval with them', async () => {
    const held = await hold();
    const scope = { scope: 'tool', id: world.toolIds['effect.approved'], reason: 'Fault test' };
    const flipped = await owner('POST', '/v1/kill-switches', scope);
    expect(flipped.status).toBe(201);
    await abandon(held);
    await until('it is refused', async () => (await statusOf(held)) === 'denied');
    const { body } = await owner('GET', '/v1/executions?code=kill_switch');
    expect(body.items).toMatchObject([{ id: held.executionId, status: 'denied', approval_id: held.approvalId }]);
    const story = await owner('GET', `/v1/audit?resource=${held.executionId}`);
    expect(story.body.items.map(({ entry }: { entry: { event_type: string } }) => entry.event_type)).toEqual([
      'execution.denied',
    ]);
    expect((await owner('DELETE', `/v1/kill-switches/${flipped.body.id}`)).status).toBe(204);
    const seen = await call(nodes[1]!.url, world, held, { approvalId: held.approvalId });
    expect(seen).toMatchObject({ code: 'approval_cancelled', reply: { body: { approval_id: held.approvalId } } });
    expect(site.upstream.effects.get(held.op)).toBeUndefined();
  });

  test('hold up nothing else while their upstream hangs', { timeout: 60_000 }, async () => {
    site.upstream.hold();
    const hanging = [await hold('effect.patient_approved'), await hold('effect.patient_approved')];
    for (const held of hanging) await abandon(held);
    await until('they hang', () => site.upstream.waiting === hanging.length);
    const due = await hold();
    await sql(site.databaseUrl!, 'update approvals set expires_at = clock_timestamp() where id = $1', [due.approvalId]);
    await until('what is due expires', async () => (await statusOf(due)) === 'denied');
    expect(site.upstream.waiting).toBe(hanging.length);
    site.upstream.release();
    for (const held of hanging) await until('they end', async () => (await statusOf(held)) === 'executed');
  });

  test('afterwards every promise has been kept, and the chain verifies', { timeout: 120_000 }, async () => {
    await expectSettled(site, world, newJournal(), nodes);
  });
});
