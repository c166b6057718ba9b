import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/kernel/ids.ts';
import { engines } from '../support/engines.ts';
import type { Reply } from '../support/gate.ts';
import { type Entry, made, openWorkbench, type Workbench } from '../support/workbench.ts';

/** Refused requests that are no governed calls: each that the table of codes says is recorded has its entry. */
describe.each(engines)('refused requests on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  const refusals = async (actor: string): Promise<Entry[]> =>
    (await bench.entries({ actor })).filter(({ event_type }) => event_type === 'request.refused');
  /** The entries that a request makes, and the code it is refused with. */
  const refusedBy = async (actor: string, request: () => Promise<Reply>): Promise<[string, Entry[]]> => {
    const before = (await refusals(actor)).length;
    const { body } = await request();
    return [body.code, (await refusals(actor)).slice(before)];
  };
  const hold = async () => {
    const [client, tool] = [await bench.newClient(), await bench.newTool()];
    await bench.newGrant(client.id, tool.name, 'approve-dual');
    return made(await client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'Hello' } }));
  };

  test('a role that may not: the route, the thing and the code', async () => {
    const { id } = await bench.newClient();
    const [code, entries] = await refusedBy(bench.userIds.viewer, () =>
      bench.people.viewer('DELETE', `/v1/clients/${id}`),
    );
    expect(code).toBe('forbidden');
    expect(entries).toMatchObject([
      {
        actor: { kind: 'member', id: bench.userIds.viewer },
        resource: { kind: 'client', id },
        outcome: 'denied',
        data: { code: 'forbidden', route: 'DELETE /v1/clients/{id}' },
      },
    ]);
  });

  test('a read that a role does not allow has its entry, too', async () => {
    const [code, entries] = await refusedBy(bench.userIds.member, () => bench.people.member('GET', '/v1/audit'));
    expect(code).toBe('forbidden');
    expect(entries).toMatchObject([{ resource: { kind: 'workspace', id: bench.gate.demo.id } }]);
  });

  test("a client's token where only people may", async () => {
    const client = await bench.newClient();
    const [code, entries] = await refusedBy(client.id, () => client.send('POST', '/v1/kill-switches', {}));
    expect(code).toBe('forbidden');
    expect(entries).toMatchObject([{ actor: { kind: 'client' }, data: { route: 'POST /v1/kill-switches' } }]);
  });

  test('a decision by another hash names the approval and the hash that is pinned, and nothing that was sent', async () => {
    const { approval_id, execution_id, payload_sha256 } = await hold();
    const other = 'b'.repeat(64);
    const [code, entries] = await refusedBy(bench.userIds.admin, () =>
      bench.people.admin('POST', `/v1/approvals/${approval_id}/decisions`, {
        decision: 'denied',
        reason: 'A reason of their own',
        payload_sha256: other,
      }),
    );
    expect(code).toBe('approval_hash_mismatch');
    expect(entries).toMatchObject([
      {
        resource: { kind: 'approval', id: approval_id },
        payload_sha256,
        data: { code, approval_id, execution_id, payload_sha256, route: 'POST /v1/approvals/{id}/decisions' },
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain('A reason of their own');
  });

  test('a body that is too large, or none of JSON', async () => {
    const owner = bench.userIds.owner;
    const large = JSON.stringify({ name: 'x'.repeat(1_100_000) });
    const [tooLarge, first] = await refusedBy(owner, () => bench.people.owner('POST', '/v1/clients', large));
    const [noJson, second] = await refusedBy(owner, () =>
      bench.people.owner('POST', '/v1/clients', 'name=x', { 'content-type': 'text/plain' }),
    );
    expect([tooLarge, noJson]).toEqual(['payload_too_large', 'unsupported_media_type']);
    expect([...first, ...second].map(({ data }) => data.code)).toEqual([tooLarge, noJson]);
  });

  test('a workspace that somebody is no member of has the entry, if it is named by its id; their own, if by a slug', async () => {
    const { gate, people, userIds } = bench;
    const inOther = async () => {
      await gate.sequenced();
      const rows = await bench.sql<{ entry: string }>(
        `select entry from audit_log where tenant_id = $1 and event_type = 'request.refused' order by seq`,
        [idToUuid(gate.other.id)],
      );
      return rows.map(({ entry }) => JSON.parse(entry) as Entry);
    };
    const reach = (workspace: string) => () =>
      people.second_admin('GET', '/v1/clients', undefined, { 'countersign-workspace': workspace });
    const [code, own] = await refusedBy(userIds.second_admin, reach(gate.other.id));
    expect([code, own]).toEqual(['cross_tenant', []]);
    expect(await inOther()).toMatchObject([
      { actor: { id: userIds.second_admin }, data: { code, route: 'GET /v1/clients', outsider: true } },
    ]);
    for (const workspace of [gate.other.slug, 'org_01h455vb4pex5vsknk084sn02q']) {
      const [, entries] = await refusedBy(userIds.second_admin, reach(workspace));
      expect(entries).toMatchObject([{ resource: { id: gate.demo.id }, data: { code, outsider: false } }]);
    }
    expect(await inOther()).toHaveLength(1);
  });

  test('what was not refused to anybody has none', async () => {
    const { people, userIds } = bench;
    const { id } = await bench.newClient();
    for (const request of [
      () => people.admin('POST', '/v1/clients', { name: '' }),
      () => people.admin('PATCH', `/v1/clients/${id}`, { name: 'x' }, { 'if-match': '"9"' }),
      () => people.admin('DELETE', '/v1/clients/icl_01h455vb4pex5vsknk084sn02q'),
      () => people.admin('GET', '/v1/approvals/apv_01h455vb4pex5vsknk084sn02q'),
    ]) {
      expect((await refusedBy(userIds.admin, request))[1]).toEqual([]);
    }
  });

  test('many alike are a few entries and one with their count', async () => {
    const { approval_id, payload_sha256 } = await hold();
    const { owner } = bench.userIds;
    const path = `/v1/approvals/${approval_id}/decisions`;
    const before = (await refusals(owner)).length;
    for (let nth = 0; nth < 25; nth += 1) {
      const reply = await bench.people.owner('POST', path, { decision: 'granted', payload_sha256 });
      expect(reply.body.code).toBe('self_approval');
    }
    expect((await refusals(owner)).length - before).toBe(10);
    await bench.gate.running.app.refusals.flush();
    const entries = (await refusals(owner)).slice(before);
    expect(entries).toHaveLength(11);
    expect(entries.at(-1)).toMatchObject({
      resource: { kind: 'approval', id: approval_id },
      payload_sha256,
      data: { code: 'self_approval', approval_id, count: 15 },
    });
    await bench.gate.sequenced();
    expect(made(await bench.people.owner('POST', '/v1/audit/verify'))).toMatchObject({ ok: true });
  });
});
