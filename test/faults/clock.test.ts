import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/kernel/ids.ts';
import { send } from '../support/gate.ts';
import { services } from '../support/services.ts';
import { call, type Seen, signIn } from './support/caller.ts';
import { newOp } from './support/load.ts';
import type { Node } from './support/node.ts';
import { openSite, type Site } from './support/site.ts';
import { sql } from './support/sql.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe.skipIf(!services.databaseUrl)('nodes whose clocks are wrong by an hour, one fast and one slow', () => {
  let site: Site;
  let world: World;
  let fast: Node;
  let slow: Node;
  let owner: Record<string, string>;
  beforeAll(async () => {
    site = await openSite('postgres');
    world = await site.world({ agents: 2 });
    const start = (shiftMs: number): Promise<Node> =>
      site.start({ preload: 'shifted-clock.ts', env: { TEST_CLOCK_SHIFT_MS: String(shiftMs) } });
    [fast, slow] = await Promise.all([start(HOUR_MS), start(-HOUR_MS)]);
    owner = await signIn(fast.url, world);
  });
  afterAll(() => site?.close());

  const databaseTime = async (): Promise<number> =>
    (await sql(site.databaseUrl!, 'select clock_timestamp() as at'))[0].at.getTime();
  const hold = async (
    node: Node,
  ): Promise<{ op: string; tool: string; approvalId: string; payload_sha256: string; expiresAt: number }> => {
    const operation = { op: newOp(), tool: 'effect.approved' };
    const held = await call(node.url, world, operation);
    if (held.kind !== 'pending') throw new Error(`It is ${held.kind}`);
    const { approval_id: approvalId, payload_sha256, expires_at } = held.reply.body;
    return { ...operation, approvalId, payload_sha256, expiresAt: Date.parse(expires_at) };
  };
  const grant = (node: Node, { approvalId, payload_sha256 }: { approvalId: string; payload_sha256: string }) =>
    send(node.url, owner)('POST', `/v1/approvals/${approvalId}/decisions`, { decision: 'granted', payload_sha256 });
  /** Lets the rows' time run out in a moment, and waits until it has. */
  const runOut = async (table: string, id: string, meanwhile: () => Promise<void> = async () => {}): Promise<void> => {
    await sql(
      site.databaseUrl!,
      `update ${table} set expires_at = clock_timestamp() + interval '2 seconds' where id = $1`,
      [id],
    );
    await meanwhile();
    const over = `select expires_at < clock_timestamp() as over from ${table} where id = $1`;
    await until('the time is over', async () => (await sql(site.databaseUrl!, over, [id]))[0].over);
  };
  const both = (work: (node: Node) => Promise<Seen>): Promise<Seen[]> => Promise.all([fast, slow].map(work));

  test('the clocks are wrong', async () => {
    const [at, atSlow] = await Promise.all([fast, slow].map(wallClockOf));
    expect(Math.abs(at! - atSlow! - 2 * HOUR_MS)).toBeLessThan(MINUTE_MS);
  });

  test('an approval lives as long as it should, whichever node it was asked for at', async () => {
    for (const [asked, decided] of [
      [fast, slow],
      [slow, fast],
    ] as const) {
      const held = await hold(asked);
      expect(Math.abs(held.expiresAt - (await databaseTime()) - 30 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
      expect((await grant(decided, held)).status).toBe(200);
      expect(await call(asked.url, world, held, { approvalId: held.approvalId })).toMatchObject({ kind: 'executed' });
    }
  });

  test('an approval whose time is over is neither granted nor consumed, on either node', {
    timeout: 120_000,
  }, async () => {
    for (const node of [fast, slow]) {
      const undecided = await hold(node);
      const granted = await hold(node);
      expect((await grant(node, granted)).status).toBe(200);
      await Promise.all([runOut('approvals', undecided.approvalId), runOut('approvals', granted.approvalId)]);
      expect((await grant(node, undecided)).body).toMatchObject({ code: 'approval_expired' });
      expect(await call(node.url, world, granted, { approvalId: granted.approvalId })).toMatchObject({
        code: 'approval_expired',
      });
      expect(site.upstream.effects.get(granted.op)).toBeUndefined();
    }
  });

  test('a token opens until its time is over, and not a call longer, on either node', {
    timeout: 120_000,
  }, async () => {
    const { token, tokenId } = world.agents[1]!;
    const ask = (node: Node): Promise<Seen> => call(node.url, world, { op: newOp(), tool: 'effect.keyed' }, { token });
    await sql(
      site.databaseUrl!,
      `update client_tokens set expires_at = clock_timestamp() + interval '30 minutes' where id = $1`,
      [tokenId],
    );
    for (const seen of await both(ask)) expect(seen.kind).toBe('executed');
    await runOut('client_tokens', tokenId, async () => {
      // Both nodes know the token now, and what they remember of it.
      await both(ask);
    });
    for (const seen of await both(ask)) expect(seen).toMatchObject({ code: 'token_expired' });
  });

  test('a sign-in is as good at one node as at the other, and ends on time', async () => {
    for (const [at, elsewhere] of [
      [fast, slow],
      [slow, fast],
    ] as const) {
      const cookie = await signIn(at.url, world);
      expect((await send(elsewhere.url, cookie)('GET', '/v1/approvals')).status).toBe(200);
    }
    const sessions = await sql(site.databaseUrl!, 'select "expiresAt" as at from auth_sessions');
    const now = await databaseTime();
    for (const { at } of sessions) expect(Math.abs(at.getTime() - now - 7 * 24 * HOUR_MS)).toBeLessThan(5 * MINUTE_MS);
  });

  test('the audit log tells the right time', async () => {
    const [{ first, last }] = await sql(
      site.databaseUrl!,
      'select min(at) as first, max(at) as last from (select at from audit_log union all select recorded_at from gateway_queue) entries',
    );
    const now = await databaseTime();
    expect(last.getTime()).toBeLessThan(now + MINUTE_MS);
    expect(first.getTime()).toBeGreaterThan(now - 10 * MINUTE_MS);
  });
});

/** The time a node's own clock shows: its request ids begin with it (RFC 9562, UUIDv7). */
async function wallClockOf({ url }: Node): Promise<number> {
  const requestId = (await fetch(`${url}/v1/approvals`)).headers.get('x-request-id')!;
  return Number.parseInt(idToUuid(requestId).replaceAll('-', '').slice(0, 12), 16);
}
