import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Policy } from '../src/kernel/codes.ts';
import { mustBeEntered } from '../src/store/flush/rows.ts';
import { engines } from './support/engines.ts';
import type { Reply, Send } from './support/gate.ts';
import { handshaken, stateless } from './support/mcp.ts';
import { type BenchClient, type BenchTool, made, openWorkbench, type Workbench } from './support/workbench.ts';

type Said = { readonly [member: string]: unknown };

describe.each(engines)('runs on %s', (engine) => {
  let bench: Workbench;
  let client: BenchClient;
  let read: BenchTool;
  let send: BenchTool;
  let sendGrant: string;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
    read = await bench.newTool('/echo', { effect: 'read', labels: ['untrusted'] });
    send = await bench.newTool('/ok', { effect: 'send' });
  });
  afterAll(() => bench?.close());

  /** Each test has a client of its own: labels are its runs'. */
  const begin = async (fields: { trusted_run_ids?: boolean } = {}): Promise<void> => {
    client = await bench.newClient(fields);
    await bench.newGrant(client.id, read.name, 'auto');
    sendGrant = await bench.newGrant(client.id, send.name, 'auto');
    await setRules(sendGrant, [{ when: "'untrusted' in run.labels && tool.effect == 'send'", policy: 'approve' }]);
  };
  beforeEach(() => begin());

  const setRules = async (
    grantId: string,
    rules: readonly { when: string; policy: Policy; requires?: readonly object[] }[],
  ): Promise<void> => {
    const named = rules.map((rule, index) => ({ name: `Rule ${index + 1}`, ...rule }));
    made(await bench.people.owner('PATCH', `/v1/clients/${client.id}/grants/${grantId}`, { rules: named }));
  };
  const call = (tool: BenchTool, said: Said = {}, by: Send = client.send, headers: Record<string, string> = {}) =>
    by('POST', '/api/agent/gateway', { tool: tool.name, arguments: { text: 'Hello' }, ...said }, headers);
  const stateOf = ({ status, body }: Reply): string => (status < 400 ? body.status : body.code);
  const sends = async (said: Said = {}, by?: Send): Promise<string> => stateOf(await call(send, said, by));
  const reads = async (said: Said = {}, by?: Send): Promise<string> => stateOf(await call(read, said, by));
  const labels = async (of: BenchClient = client) =>
    made(await bench.people.viewer('GET', `/v1/clients/${of.id}/run-labels`)).items as {
      run_id: string | null;
      token_id: string | null;
      labels: string[];
    }[];
  const decide = async (id: string, decision = 'granted'): Promise<void> => {
    const { payload_sha256 } = made(await bench.people.owner('GET', `/v1/approvals/${id}`));
    made(
      await bench.people.admin('POST', `/v1/approvals/${id}/decisions`, { decision, payload_sha256, reason: 'Seen' }),
    );
  };
  const newSession = async (): Promise<string> => {
    const clientInfo = { name: 'a test', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    return (await handshaken(client.send, 'initialize', params)).headers.get('mcp-session-id')!;
  };
  const written = async (id: string) => {
    await bench.gate.sequenced();
    return (await bench.sql('select * from agent_execution_logs where id = $1', [id]))[0]!;
  };

  describe('which run a call belongs to', () => {
    test('stands in the envelope, on the call and in its list, and goes to no upstream', async () => {
      await setRules(sendGrant, [{ when: 'true', policy: 'approve' }]);
      const run_id = `run-${client.id}`;
      const held = made(await call(send, { run_id, on_behalf_of: 'Zoë' }));
      const approval = made(await bench.people.owner('GET', `/v1/approvals/${held.approval_id}`));
      expect(JSON.parse(approval.envelope)).toMatchObject({ run_id, on_behalf_of: 'Zoë', policy_rule: 'Rule 1' });
      expect(approval).toMatchObject({ run_id, on_behalf_of: 'Zoë', run_labels: null });
      await decide(held.approval_id);
      expect(stateOf(await call(send, { approval_id: held.approval_id }))).toBe('executed');
      const plain = made(await call(read, { run_id }));

      await bench.gate.sequenced();
      const listed = made(await bench.people.owner('GET', `/v1/executions?run_id=${run_id}`));
      expect(listed.items.map(({ id }: { id: string }) => id)).toEqual([plain.execution_id, held.execution_id]);
      expect(listed.items[1]).toMatchObject({ run_id, on_behalf_of: 'Zoë' });
      const whom = made(
        await bench.people.owner('GET', `/v1/executions?on_behalf_of=${encodeURIComponent('Zoë')}&run_id=${run_id}`),
      );
      expect(whom.items).toHaveLength(1);
      const one = made(await bench.people.owner('GET', `/v1/executions/${plain.execution_id}`));
      expect(one).toMatchObject({ run_id, on_behalf_of: null, run_labels: ['untrusted'] });
      const sent = bench.stub.arrivals.filter(({ key }) => key === held.execution_id || key === plain.execution_id);
      expect(sent.map(({ body }) => JSON.parse(body))).toEqual([{ text: 'Hello' }, { text: 'Hello' }]);
      const entries = await bench.entries({ resources: [plain.execution_id, held.approval_id] });
      expect(entries.find(({ event_type }) => event_type === 'execution.started')!.data).toMatchObject({
        run_id,
        puts_labels: ['untrusted'],
      });
      expect(entries.find(({ event_type }) => event_type === 'approval.requested')!.data).toMatchObject({ run_id });
      expect(JSON.stringify(entries)).not.toContain('Zoë');
    });

    test('another run than the held call had is another payload', async () => {
      await setRules(sendGrant, [{ when: 'true', policy: 'approve' }]);
      const { approval_id } = made(await call(send, { run_id: 'r1' }));
      await decide(approval_id);
      expect(await sends({ approval_id, run_id: 'r2' })).toBe('approval_hash_mismatch');
      expect(await sends({ approval_id, on_behalf_of: 'somebody else' })).toBe('approval_hash_mismatch');
      expect(await sends({ approval_id })).toBe('executed');
    });

    test('may be said by a header, and not otherwise in the body', async () => {
      const headers = { 'countersign-run-id': 'r1', 'countersign-on-behalf-of': 'Ada' };
      const { execution_id } = made(await call(read, {}, client.send, headers));
      expect(await written(execution_id)).toMatchObject({ run_id: 'r1', on_behalf_of: 'Ada' });
      const refused = await call(read, { run_id: 'r2' }, client.send, headers);
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_payload', step: 'payload' } });
      expect(refused.body.detail).toContain('$.run_id');
    });

    test.each([
      [{ run_id: 'two words' }, '$.run_id'],
      [{ run_id: 'x'.repeat(129) }, '$.run_id'],
      [{ run_id: 7 }, '$.run_id'],
      [{ on_behalf_of: 'a\nb' }, '$.on_behalf_of'],
      [{ on_behalf_of: null }, '$.on_behalf_of'],
    ])('what cannot be one is refused: %j', async (said, place) => {
      const refused = await call(read, said);
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_payload', step: 'payload' } });
      expect(refused.body.detail).toContain(place);
      const meta = Object.fromEntries(Object.entries(said).map(([name, value]) => [`countersign/${name}`, value]));
      const byMcp = await stateless(client.send, 'tools/call', { name: read.name, arguments: { text: 'x' } }, { meta });
      expect(byMcp.body.error).toMatchObject({ code: -32602, data: { code: 'invalid_payload' } });
    });

    test('is part of what an Idempotency-Key stands for', async () => {
      const key = { 'idempotency-key': 'one' };
      expect(stateOf(await call(read, { run_id: 'r1' }, client.send, key))).toBe('executed');
      expect(stateOf(await call(read, { run_id: 'r1' }, client.send, key))).toBe('executed');
      expect(stateOf(await call(read, { run_id: 'r2' }, client.send, key))).toBe('idempotency_mismatch');
    });

    test('is the session of an MCP client, unless it names another', async () => {
      const session = await newSession();
      const inSession = async (meta: object): Promise<string> => {
        const params = { name: read.name, arguments: { text: 'Hello' }, _meta: meta };
        const reply = await handshaken(client.send, 'tools/call', params, { headers: { 'mcp-session-id': session } });
        return reply.body.result.structuredContent.execution_id;
      };
      expect(await written(await inSession({}))).toMatchObject({ run_id: session });
      expect(
        await written(await inSession({ 'countersign/run_id': 'r1', 'countersign/on_behalf_of': 'Ada' })),
      ).toMatchObject({
        run_id: 'r1',
        on_behalf_of: 'Ada',
      });
    });

    test('a member who tries a tool out may name one, too', async () => {
      const path = `/v1/tools/${read.id}/test`;
      const body = { arguments: { text: 'x' }, run_id: 'r1', on_behalf_of: 'Ada' };
      const { execution_id } = made(await bench.people.member('POST', path, body));
      expect(await written(execution_id)).toMatchObject({
        run_id: 'r1',
        on_behalf_of: 'Ada',
        principal_kind: 'member',
      });
      expect(await bench.people.member('POST', path, { ...body, run_id: 'two words' })).toMatchObject({ status: 422 });
    });
  });

  describe('labels', () => {
    test('what a run has read decides over what it may do next, before anybody is answered', async () => {
      expect(await sends({ run_id: 'r1' })).toBe('executed');
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      const held = await call(send, { run_id: 'r1' });
      expect(stateOf(held)).toBe('pending_approval');
      const approval = made(await bench.people.owner('GET', `/v1/approvals/${held.body.approval_id}`));
      expect(approval).toMatchObject({ policy: 'approve', policy_rule: 'Rule 1', run_labels: ['untrusted'] });
      const [entry] = await bench.entries({ resources: [held.body.approval_id] });
      expect(entry!.data).toMatchObject({ run_id: 'r1', run_labels: ['untrusted'] });
      expect(await labels()).toMatchObject([
        { run_id: null, token_id: client.tokenId, labels: ['untrusted'] },
        { run_id: 'r1', token_id: null, labels: ['untrusted'] },
      ]);
    });

    test('neither another name nor none loses one', async () => {
      // A run that was there, and clean, before anything was read.
      expect(await sends({ run_id: 'clean' })).toBe('executed');
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      for (const said of [{ run_id: 'r1' }, { run_id: 'invented' }, { run_id: 'clean' }, {}]) {
        expect(await sends(said), JSON.stringify(said)).toBe('pending_approval');
      }
    });

    test('what is read without a name counts for every run of the token', async () => {
      expect(await reads()).toBe('executed');
      expect(await sends({ run_id: 'r1' })).toBe('pending_approval');
      const { token } = await bench.newToken(client.id);
      expect(await sends({}, bench.gate.client(token))).toBe('executed');
    });

    test('where the application names the runs, each keeps its own, and a call without a name has all', async () => {
      await begin({ trusted_run_ids: true });
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      expect(await sends({ run_id: 'r1' })).toBe('pending_approval');
      expect(await sends({ run_id: 'r2' })).toBe('executed');
      expect(await sends()).toBe('pending_approval');
      made(await bench.people.owner('PATCH', `/v1/clients/${client.id}`, { trusted_run_ids: false }));
      expect(await sends({ run_id: 'r2' })).toBe('pending_approval');
    });

    test('where the application names the runs, another MCP session loses none', async () => {
      await begin({ trusted_run_ids: true });
      const inSession = async (tool: BenchTool): Promise<string> => {
        const session = await newSession();
        const params = { name: tool.name, arguments: { text: 'Hello' } };
        const reply = await handshaken(client.send, 'tools/call', params, { headers: { 'mcp-session-id': session } });
        return reply.body.result.structuredContent.status;
      };
      expect(await inSession(read)).toBe('executed');
      expect(await inSession(send)).toBe('pending_approval');
      expect(await sends({ run_id: 'r2' })).toBe('executed');
    });

    test('are handed on when the token is rotated', async () => {
      expect(await reads()).toBe('executed');
      const path = `/v1/clients/${client.id}/tokens/${client.tokenId}/rotate`;
      const { token } = made(await bench.people.owner('POST', path, {}));
      expect(await sends({}, bench.gate.client(token))).toBe('pending_approval');
    });

    test('that others have put on decide over a dry run and a refusal, too', async () => {
      const put = () =>
        bench.sql(
          `insert into run_labels select tenant_id, $1, $2, '{untrusted}', now() from integration_clients where id = $1
            on conflict do nothing`,
          [client.id, `open:${client.tokenId}`],
        );
      const off = () => bench.sql('delete from run_labels where principal_id = $1', [client.id]);
      const asks = async () => made(await call(send, { dry_run: true })).ruling;
      expect(await asks()).toBe('execute');
      await put();
      expect(await asks()).toBe('approval');
      await off();
      await setRules(sendGrant, [
        { when: "!('untrusted' in run.labels)", policy: 'auto', requires: [{ tool: read.name, where: 'true' }] },
      ]);
      expect(await sends()).toBe('prerequisite_missing');
      await put();
      expect(await sends()).toBe('executed');
    });

    test('another client of the same workspace has runs of its own by the same names', async () => {
      const first = client;
      expect(await reads({ run_id: 'shared' })).toBe('executed');
      await begin();
      expect(await sends({ run_id: 'shared' })).toBe('executed');
      expect(await labels(first)).toHaveLength(2);
      expect(await labels()).toEqual([]);
    });

    test.each([
      ['failed', '/error'],
      ['outcome_unknown', '/cut'],
    ])('stay also where the call came to %s', async (state, path) => {
      const bad = await bench.newTool(path, { effect: 'read', labels: ['internal'] });
      await bench.newGrant(client.id, bad.name, 'auto');
      expect(stateOf(await call(bad))).toBe(state);
      expect(await labels()).toMatchObject([{ labels: ['internal'] }]);
    });

    test('are on the run before the call leaves: of two at once none is behind the other', async () => {
      const slow = await bench.newTool('/hang', { effect: 'read', labels: ['untrusted'] });
      await bench.newGrant(client.id, slow.name, 'auto');
      const reading = call(slow);
      await bench.stub.hangs();
      expect(await sends()).toBe('pending_approval');
      bench.stub.release();
      expect(stateOf(await reading)).toBe('executed');
    });

    test('are not put on by what never left', async () => {
      await bench.newTool('/ok', { effect: 'read', labels: ['untrusted'] });
      const held = await bench.newTool('/ok', { effect: 'read', labels: ['untrusted'] });
      await bench.newGrant(client.id, held.name, 'approve');
      expect(stateOf(await call(held, { execute_on_approval: true }))).toBe('pending_approval');
      expect(stateOf(await call(read, { arguments: { text: 7 } }))).toBe('invalid_arguments');
      expect(await sends()).toBe('executed');
      expect(await labels()).toEqual([]);
    });

    test('are put on by a held call once it runs, on the run that asked', async () => {
      const held = await bench.newTool('/ok', { effect: 'read', labels: ['untrusted'] });
      await bench.newGrant(client.id, held.name, 'approve');
      const { approval_id, execution_id } = made(await call(held, { execute_on_approval: true, run_id: 'r1' }));
      await decide(approval_id);
      await expect.poll(async () => (await written(execution_id)).status).toBe('executed');
      expect(await labels()).toMatchObject([{ token_id: client.tokenId }, { run_id: 'r1' }]);
      expect(await sends()).toBe('pending_approval');
    });

    test('that came after a call was held change nothing for it', async () => {
      await setRules(sendGrant, [
        { when: 'true', policy: 'approve' },
        { when: "'untrusted' in run.labels", policy: 'approve-dual' },
      ]);
      const { approval_id, policy } = made(await call(send));
      expect(policy).toBe('approve');
      expect(await reads()).toBe('executed');
      await decide(approval_id);
      expect(await sends({ approval_id })).toBe('executed');
      expect(made(await call(send)).policy).toBe('approve-dual');
    });

    test('end, and are then deleted', async () => {
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      const age = (hours: number) =>
        bench.sql("update run_labels set labelled_at = now() - $2 * interval '1 hour' where principal_id = $1", [
          client.id,
          hours,
        ]);
      await age(25);
      expect(await labels()).toMatchObject([{ run_id: 'r1' }]);
      expect(await sends()).toBe('executed');
      expect(await sends({ run_id: 'r1' })).toBe('pending_approval');
      await age(24 * 31);
      expect(await labels()).toEqual([]);
      expect(await sends({ run_id: 'r1' })).toBe('executed');
    });

    test('those of a run are entered once, and a call without any is recorded as quickly as ever', async () => {
      const plain = await bench.newTool('/ok', { effect: 'read' });
      await bench.newGrant(client.id, plain.name, 'auto');
      const writes = vi.spyOn(bench.gate.running.app.store, 'write');
      const entered = async (tool: BenchTool): Promise<boolean[]> => {
        writes.mockClear();
        expect(stateOf(await call(tool, { run_id: 'r1' }))).toBe('executed');
        return writes.mock.calls.map(([write]) => mustBeEntered(write));
      };
      expect(await entered(plain)).toEqual([false, false]);
      expect(await labels()).toEqual([]);
      // The first reading of a run enters its labels; those after it have nothing to enter.
      expect(await entered(read)).toEqual([true, false]);
      expect(await entered(read)).toEqual([false, false]);
      writes.mockRestore();
    });
  });

  describe('whoever reads a result again', () => {
    test('by the same key has the labels', async () => {
      const key = { 'idempotency-key': 'again' };
      expect(stateOf(await call(read, {}, client.send, key))).toBe('executed');
      const { id, token } = await bench.newToken(client.id);
      const other = bench.gate.client(token);
      expect(stateOf(await call(read, {}, other, key))).toBe('executed');
      expect((await labels()).map(({ token_id }) => token_id).sort()).toEqual([client.tokenId, id].sort());
      expect(await sends({}, other)).toBe('pending_approval');
    });

    test('as a recorded call has the labels, and the log says so', async () => {
      const { execution_id } = made(await call(read));
      const { token } = await bench.newToken(client.id);
      const other = bench.gate.client(token);
      made(await other('GET', '/v1/executions'));
      expect(await sends({}, other)).toBe('executed');
      made(await other('GET', `/v1/executions/${execution_id}`, undefined, { 'countersign-run-id': 'r9' }));
      expect(await sends({}, other)).toBe('pending_approval');
      expect(await labels()).toHaveLength(3);
      const told = (await bench.entries({ resources: [execution_id] })).filter(
        (one) => one.event_type === 'run.labelled',
      );
      expect(told.map(({ data }) => data.run).sort()[1]).toBe('run:r9');
    });

    test('over MCP has them in the run that is named', async () => {
      await begin({ trusted_run_ids: true });
      const held = await bench.newTool('/ok', { effect: 'read', labels: ['untrusted'] });
      await bench.newGrant(client.id, held.name, 'approve');
      const { approval_id, execution_id } = made(await call(held, { execute_on_approval: true, run_id: 'r1' }));
      await decide(approval_id);
      await expect.poll(async () => (await written(execution_id)).status).toBe('executed');
      const asks = (runId: string) => {
        const params = { name: 'get_approval_status', arguments: { approval_id } };
        return stateless(client.send, 'tools/call', params, { meta: { 'countersign/run_id': runId } });
      };
      expect(await sends({ run_id: 'r2' })).toBe('executed');
      expect((await asks('r2')).status).toBe(200);
      expect(await sends({ run_id: 'r2' })).toBe('pending_approval');
      expect((await asks('two words')).body.error).toMatchObject({ code: -32602 });
    });

    test('has them for as long again, beside those that others put on meanwhile', async () => {
      const internal = await bench.newTool('/echo', { effect: 'read', labels: ['internal'] });
      await bench.newGrant(client.id, internal.name, 'auto');
      const first = made(await call(read)).execution_id;
      const second = made(await call(internal)).execution_id;
      const { id, token } = await bench.newToken(client.id);
      const other = bench.gate.client(token);
      const looks = (execution: string) => other('GET', `/v1/executions/${execution}`);
      await Promise.all([first, second, first, second].map(async (one) => made(await looks(one))));
      const own = async () => (await labels()).find(({ token_id }) => token_id === id)!;
      expect((await own()).labels).toEqual(['internal', 'untrusted']);

      const ofOpen = [client.id, `open:${id}`];
      await bench.sql(
        "update run_labels set labelled_at = now() - interval '23 hours' where principal_id = $1 and run = $2",
        ofOpen,
      );
      const entries = async () => (await bench.entries({ resources: [first] })).length;
      const before = await entries();
      made(await looks(first));
      expect(await entries()).toBe(before);
      const [row] = await bench.sql<{ fresh: boolean; labels: string[] }>(
        "select labelled_at > now() - interval '1 hour' as fresh, labels from run_labels where principal_id = $1 and run = $2",
        ofOpen,
      );
      expect(row).toEqual({ fresh: true, labels: ['internal', 'untrusted'] });
    });

    test('people who look at it have none', async () => {
      const { execution_id } = made(await call(read));
      made(await bench.people.viewer('GET', `/v1/executions/${execution_id}`));
      expect(await bench.sql('select run from run_labels where principal_id = $1', [bench.userIds.viewer])).toEqual([]);
    });
  });

  describe('taking labels off', () => {
    test('is an admin’s, has a reason, and is in the log', async () => {
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      const path = `/v1/clients/${client.id}/run-labels/clear`;
      expect(await bench.people.member('POST', path, { reason: 'x' })).toMatchObject({ status: 403 });
      expect(await client.send('POST', path, { reason: 'x' })).toMatchObject({ status: 403 });
      expect(await bench.people.admin('POST', path, {})).toMatchObject({
        status: 422,
        body: { errors: [{ field: 'reason' }] },
      });
      const both = { run_id: 'r1', token_id: client.tokenId, reason: 'x' };
      expect(await bench.people.admin('POST', path, both)).toMatchObject({
        status: 422,
        body: { errors: [{ field: 'token_id' }] },
      });
      expect(made(await bench.people.admin('POST', path, { run_id: 'r1', reason: 'Begun anew' }))).toEqual({
        cleared: 1,
      });
      expect(await sends({ run_id: 'r1' })).toBe('pending_approval');
      expect(made(await bench.people.admin('POST', path, { reason: 'Begun anew' }))).toEqual({ cleared: 1 });
      expect(await sends({ run_id: 'r1' })).toBe('executed');
      expect(made(await bench.people.admin('POST', path, { reason: 'Again' }))).toEqual({ cleared: 0 });
      const cleared = (await bench.entries({ resources: [client.id] })).filter(
        (one) => one.event_type === 'run.labels_cleared',
      );
      expect(cleared.map(({ data }) => data)).toMatchObject([
        { run_id: 'r1', labels: ['untrusted'], runs: 1, reason: 'Begun anew' },
        { labels: ['untrusted'], runs: 1 },
        { labels: [], runs: 0 },
      ]);
    });

    test('what is read afterwards is labelled again, though it was labelled just now', async () => {
      expect(await reads()).toBe('executed');
      made(await bench.people.admin('POST', `/v1/clients/${client.id}/run-labels/clear`, { reason: 'Begun anew' }));
      expect(await reads()).toBe('executed');
      expect(await sends()).toBe('pending_approval');
    });
  });

  describe('labels of a tool', () => {
    const edit = (labels: unknown) => bench.people.admin('PATCH', `/v1/tools/${send.id}`, { labels });

    test.each([
      ['no word', ['Not A Word'], 'labels.0'],
      ['twice', ['internal', 'internal'], 'labels'],
      ['too many', Array.from({ length: 9 }, (_, nth) => `label-${nth}`), 'labels'],
      ['no list', { untrusted: true }, 'labels'],
    ])('refused: %s', async (_what, words, field) => {
      expect(await edit(words)).toMatchObject({ status: 422, body: { errors: [{ field }] } });
    });

    test('change no definition, and so void no approval', async () => {
      const before = made(await bench.people.owner('GET', `/v1/tools/${send.id}`));
      const after = made(await edit(['internal']));
      expect(after).toMatchObject({ labels: ['internal'], definition_sha256: before.definition_sha256 });
      made(await edit([]));
    });

    test('are 64 in a workspace at most', async () => {
      const [row] = await bench.sql<{ used: number }>(
        "select count(distinct l)::int as used from tools, unnest(labels) l where tenant_id = $1 and status = 'active'",
        [bench.gate.tenantId],
      );
      const more = Array.from({ length: 64 - row!.used }, (_, nth) => `bound-${nth}`);
      const tools: BenchTool[] = [];
      for (let from = 0; from < more.length; from += 8) {
        tools.push(await bench.newTool('/ok', { labels: more.slice(from, from + 8) }));
      }
      expect(await edit(['one-more'])).toMatchObject({ status: 422, body: { errors: [{ field: 'labels' }] } });
      expect(await edit(['untrusted'])).toMatchObject({ status: 200 });
      made(await edit([]));
      for (const { id } of tools) made(await bench.people.owner('PATCH', `/v1/tools/${id}`, { labels: [] }));
    });
  });

  describe('earlier calls that a rule requires', () => {
    const requires = [{ tool: '', where: 'result.text == args.text' }];
    beforeEach(() =>
      setRules(sendGrant, [{ when: 'true', policy: 'auto', requires: [{ ...requires[0]!, tool: read.name }] }]),
    );

    test('without one the refusal says which is missing; then it runs', async () => {
      const refused = await call(send, { run_id: 'r1' });
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'prerequisite_missing', step: 'prerequisites', remedy: { missing: [read.name] } },
      });
      expect(refused.body.detail).toContain('result.text == args.text');
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      expect(await sends({ run_id: 'r1' })).toBe('executed');
      expect(await sends({ run_id: 'r1', arguments: { text: 'Other' } })).toBe('prerequisite_missing');
    });

    test('they are of the same run, and of the same client', async () => {
      expect(await reads({ run_id: 'r1' })).toBe('executed');
      expect(await sends({ run_id: 'r2' })).toBe('prerequisite_missing');
      expect(await sends()).toBe('prerequisite_missing');
      expect(await reads()).toBe('executed');
      expect(await sends()).toBe('executed');
      const { token } = await bench.newToken(client.id);
      expect(await sends({}, bench.gate.client(token))).toBe('prerequisite_missing');
      const first = client;
      await begin();
      await setRules(sendGrant, [{ when: 'true', policy: 'auto', requires: [{ ...requires[0]!, tool: read.name }] }]);
      expect(await sends({ run_id: 'r1' })).toBe('prerequisite_missing');
      expect(first.id).not.toBe(client.id);
    });

    test('they have been executed: what failed or was refused is none', async () => {
      const bad = await bench.newTool('/error', { effect: 'read' });
      await bench.newGrant(client.id, bad.name, 'auto');
      await setRules(sendGrant, [{ when: 'true', policy: 'auto', requires: [{ tool: bad.name, where: 'true' }] }]);
      expect(stateOf(await call(bad))).toBe('failed');
      expect(await sends()).toBe('prerequisite_missing');
    });

    test('for a call that was held they do not get too old while people decide', async () => {
      await setRules(sendGrant, [
        { when: 'true', policy: 'approve', requires: [{ ...requires[0]!, tool: read.name }] },
      ]);
      const { execution_id } = made(await call(read));
      const { approval_id } = made(await call(send));
      await decide(approval_id);
      await written(execution_id);
      const age = (table: string, id: string, minutes: number) =>
        bench.sql(`update ${table} set created_at = now() - $2 * interval '1 minute' where id = $1`, [id, minutes]);
      await age('agent_execution_logs', execution_id, 24 * 60 + 10);
      expect(await sends()).toBe('prerequisite_missing');
      // The grant that it was held under is no younger.
      await age('grants', sendGrant, 30);
      await age('approvals', approval_id, 20);
      expect(await sends({ approval_id })).toBe('executed');
    });

    test('however many calls others make, in runs of the same name or none', async () => {
      expect(await reads()).toBe('executed');
      const { execution_id } = made(await call(read, { run_id: 'shared' }));
      await written(execution_id);
      await bench.sql(
        `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_name, via, run_id)
          select tenant_id, 'exe_z' || n || r.run, 'executed', 'client', 'icl_other', tool_name, via, nullif(r.run, '')
          from agent_execution_logs, generate_series(1, 1001) n, (values ('shared'), ('')) r (run) where id = $1`,
        [execution_id],
      );
      expect(await sends({ run_id: 'shared' })).toBe('executed');
      expect(await sends()).toBe('executed');
      await bench.sql("delete from agent_execution_logs where principal_id = 'icl_other'");
    });

    test('they are asked for before people are', async () => {
      await setRules(sendGrant, [
        { when: 'true', policy: 'approve', requires: [{ ...requires[0]!, tool: read.name }] },
      ]);
      expect(await sends()).toBe('prerequisite_missing');
      expect(await reads()).toBe('executed');
      const { approval_id } = made(await call(send));
      await decide(approval_id);
      expect(await sends({ approval_id })).toBe('executed');
    });
  });
});
