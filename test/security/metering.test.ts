import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ENDED_PER_MINUTE,
  READS_PER_MINUTE,
  TRIES_PER_MINUTE,
  UNKNOWN_PER_MINUTE,
} from '../../src/gateway/admit/admit.ts';
import { REFUSALS_PER_MINUTE } from '../../src/gateway/record/record.ts';
import { engines } from '../support/engines.ts';
import type { Reply } from '../support/gate.ts';
import { type BenchClient, made, openWorkbench, type Workbench } from '../support/workbench.ts';

const GATEWAY = '/api/agent/gateway';
/** Of what is only counted, so many of a kind have entries of their own. */
const BY_ITSELF = 10;

/** Whatever is refused, nobody makes the log grow without end by it. */
describe.each(engines)('what is refused on %s is metered', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  beforeEach(async () => {
    client = await bench.newClient();
  });
  afterAll(() => bench?.close());

  const many = (times: number, ask: () => Promise<Reply>): Promise<Reply[]> =>
    Promise.all(Array.from({ length: times }, ask));
  const tallyOf = (replies: readonly Reply[]): Record<number, number> => {
    const tally: Record<number, number> = {};
    for (const { status } of replies) tally[status] = (tally[status] ?? 0) + 1;
    return tally;
  };
  /** The entries of refused calls of this client: how many there are, and how many refusals they tell of. */
  async function denied(): Promise<{ entries: number; told: number; rows: number }> {
    await bench.gate.running.app.refusals.flush();
    await bench.gate.sequenced();
    const all = (await bench.entries({ actor: client.id })).filter(
      ({ event_type }) => event_type === 'execution.denied',
    );
    const [rows] = await bench.sql<{ count: number }>(
      `select count(*)::integer from agent_execution_logs where principal_id = $1 and status = 'denied'`,
      [client.id],
    );
    const told = all.reduce((sum, { data }) => sum + Number(data?.count ?? 1), 0);
    return { entries: all.length, told, rows: rows!.count };
  }

  test('calls beyond the limit are counted in one entry, and are no calls', async () => {
    const tool = await bench.newTool();
    client = await bench.newClient({ rpm_limit: 5 });
    const replies = await many(100, () => client.send('POST', GATEWAY, { tool: tool.name, arguments: { text: 'x' } }));
    expect(tallyOf(replies)).toEqual({ 403: 5, 429: 95 });
    expect(await denied()).toEqual({ entries: 5 + BY_ITSELF + 1, told: 100, rows: 5 });
  });

  test.each([
    ['a tool that was not granted', { tool: 'not.granted', arguments: { text: 'x'.repeat(10_000) } }],
    ['broken JSON', '{"tool": "a.b", '],
  ])('a client without a limit that asks for %s is written down %# times at most', async (_what, body) => {
    client = await bench.newClient({ rpm_limit: 0 });
    const asked = REFUSALS_PER_MINUTE + 80;
    await many(asked, () => client.send('POST', GATEWAY, body));
    const { entries, told, rows } = await denied();
    expect({ entries, rows }).toEqual({ entries: REFUSALS_PER_MINUTE + BY_ITSELF + 1, rows: REFUSALS_PER_MINUTE });
    expect(told).toBe(asked);
  });

  test('a revoked token has a limit of its own, and learns nothing of it but that', async () => {
    made(await bench.people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`));
    const asked = ENDED_PER_MINUTE + 40;
    const replies = await many(asked, () => client.send('POST', GATEWAY, { tool: 'a.b', arguments: {} }));
    expect(tallyOf(replies)).toEqual({ 401: ENDED_PER_MINUTE, 429: 40 });
    for (const { headers } of replies) expect(headers.get('ratelimit')).toBeNull();
    const { entries, told } = await denied();
    expect(told).toBe(asked);
    expect(entries).toBeLessThanOrEqual(ENDED_PER_MINUTE + BY_ITSELF + 1);
  });

  test('a client may ask only so often what it may do', async () => {
    const { limiter } = bench.gate.running.app;
    for (let nth = 0; nth < READS_PER_MINUTE; nth += 1) limiter.takeHere(`read:${client.id}`, READS_PER_MINUTE);
    const refused = await client.send('GET', GATEWAY);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('a member may try tools out only so often', async () => {
    const tool = await bench.newTool('/ok', { effect: 'read' });
    const replies = await many(TRIES_PER_MINUTE + 10, () =>
      bench.people.admin('POST', `/v1/tools/${tool.id}/test`, { arguments: { text: 'x' } }),
    );
    expect(tallyOf(replies)).toEqual({ 200: TRIES_PER_MINUTE, 429: 10 });
  });

  test('tokens that nobody has are looked up only so often for one network, and write nothing', async () => {
    expect((await client.send('GET', GATEWAY)).status).toBe(200);
    const before = (await bench.entries()).length;
    const replies = await Promise.all(
      Array.from({ length: UNKNOWN_PER_MINUTE + 40 }, (_, nth) =>
        bench.gate.client(`cs_live_unknown1_${String(nth).padStart(43, 'A')}`)('POST', GATEWAY, {}),
      ),
    );
    const tally = tallyOf(replies);
    expect(tally[401]! + (tally[429] ?? 0)).toBe(UNKNOWN_PER_MINUTE + 40);
    expect(tally[429]).toBeGreaterThanOrEqual(40);
    expect((await bench.entries()).length).toBe(before);
    // Whoever this node has seen before still gets through, and whoever it has not, too.
    expect((await client.send('GET', GATEWAY)).status).toBe(200);
    const another = await bench.newClient();
    expect((await another.send('GET', GATEWAY)).status).toBe(200);
  });
});
