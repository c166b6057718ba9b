import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import { type LiveStream, openLiveStream } from './support/live-stream.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

/** A live stream tells a person what the lists show them, and nobody who may not look any longer. */

const SOON = { timeout: 20_000 };

describe.each(engines)('live events on %s', (engine) => {
  let bench: Workbench;
  const open: LiveStream[] = [];
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(async () => {
    for (const stream of open) stream.close();
    await bench?.close();
  });

  async function cookieOf(role: string): Promise<string> {
    const { email, password } = bench.gate.demo.users.find((user) => user.role === role)!;
    const reply = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    return reply.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
  }

  async function follow(role: string, lastEventId?: string): Promise<LiveStream> {
    const stream = await openLiveStream(bench.gate.url, await cookieOf(role), lastEventId);
    open.push(stream);
    await expect.poll(() => stream.told.length, SOON).toBeGreaterThan(0);
    return stream;
  }

  const idsOf = (stream: LiveStream): unknown[] =>
    stream.told.map(({ data }) => (data.resource as { id?: string } | undefined)?.id);

  test('a plain member hears of the approvals in their list, of no address and of no sign-in', async () => {
    const [client, tool] = [await bench.newClient(), await bench.newTool()];
    await bench.newGrant(client.id, tool.name, 'approve', ['member']);
    const [stranger, other] = [await bench.newClient(), await bench.newTool()];
    await bench.newGrant(stranger.id, other.name, 'approve');
    const member = await follow('member');
    const viewer = await follow('viewer');
    const ask = async (by: typeof client, name: string): Promise<string> =>
      made(await by.send('POST', '/api/agent/gateway', { tool: name, arguments: { text: 'x' } })).approval_id;
    const hidden = await ask(stranger, other.name);
    const shown = await ask(client, tool.name);
    for (const id of [hidden, shown]) made(await deny(id));
    await expect.poll(() => idsOf(member).filter((id) => id === shown).length, SOON).toBe(2);
    await expect.poll(() => idsOf(viewer).filter((id) => id === hidden).length, SOON).toBe(2);
    expect(idsOf(member)).not.toContain(hidden);
    const list = made(await bench.people.member('GET', '/v1/approvals?limit=100')).items as { id: string }[];
    const listed = new Set(list.map(({ id }) => id));
    for (const { event, data } of member.told) {
      if (event.startsWith('approval.')) expect(listed).toContain((data.resource as { id: string }).id);
    }
    expect(JSON.stringify(member.told)).not.toMatch(/"ip"|"session"|"request_id"|127\.0\.0\.1/);
    expect(JSON.stringify(viewer.told)).toMatch(/"ip"/);
  });

  test('from the beginning on, a plain member hears nothing that their lists do not show', async () => {
    await bench.gate.sequenced();
    const stream = await follow('member', '1');
    const self = bench.userIds.member;
    const list = made(await bench.people.member('GET', '/v1/approvals?limit=100')).items as { id: string }[];
    const listed = new Set(list.map(({ id }) => id));
    // Something of their own ends what is told of the past.
    const tool = await bench.newTool('/ok', { effect: 'read' });
    made(await bench.people.member('POST', `/v1/tools/${tool.id}/test`, { arguments: { text: 'mine' } }));
    await expect.poll(() => stream.told.some(({ event }) => event === 'execution.executed'), SOON).toBe(true);
    for (const { event, data } of stream.told.slice(1)) {
      const { actor, resource } = data as { actor: { id: string }; resource: { id: string } };
      const isTheirs = actor.id === self || listed.has(resource.id) || event.startsWith('kill_switch.');
      expect([event, isTheirs]).toEqual([event, true]);
    }
  });

  test('who was removed hears nothing that happens after it', async () => {
    const stream = await follow('viewer');
    const id = bench.userIds.viewer;
    made(await bench.people.owner('DELETE', `/v1/members/${id}`));
    const before = stream.told.length;
    const { id: made_ } = made(await bench.people.owner('POST', '/v1/clients', { name: 'after the removal' }));
    await bench.gate.sequenced();
    await expect.poll(() => stream.ended, SOON).toBe(true);
    expect(idsOf(stream)).not.toContain(made_);
    expect(stream.told.slice(before).map(({ event }) => event)).not.toContain('client.created');
  });

  test('who signed out hears nothing that happens after it', async () => {
    const cookie = await cookieOf('admin');
    const stream = await openLiveStream(bench.gate.url, cookie);
    open.push(stream);
    await expect.poll(() => stream.told.length, SOON).toBe(1);
    const { send } = await import('./support/gate.ts');
    made(await send(bench.gate.url, { cookie, origin: bench.gate.url })('POST', '/api/auth/sign-out', {}));
    made(await bench.people.owner('POST', '/v1/clients', { name: 'after the sign-out' }));
    await bench.gate.sequenced();
    await expect.poll(() => stream.ended, SOON).toBe(true);
    expect(stream.told).toHaveLength(1);
  });

  async function deny(id: string) {
    const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${id}`));
    const body = { decision: 'denied', reason: 'A test', payload_sha256 };
    return bench.people.owner('POST', `/v1/approvals/${id}/decisions`, body);
  }
});
