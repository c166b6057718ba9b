import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, start } from '../src/server.ts';
import { readSettings } from '../src/settings.ts';
import { engines } from './support/engines.ts';
import type { Reply } from './support/gate.ts';
import {
  approve,
  CONSUMPTIONS,
  call,
  entriesOf,
  expectOneExecution,
  hold,
  inDisorder,
  newRound,
  STOPS,
  saidBy,
  use,
} from './support/race.ts';
import { services } from './support/services.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const ROUNDS = 8;

describe.each(engines)('races on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  test(`of ${CONSUMPTIONS} simultaneous uses of one approval one executes`, { timeout: 120_000 }, async () => {
    const round = await newRound(bench);
    const approved = await approve(bench, round);
    await expectOneExecution(bench, round, approved, [bench.gate.running]);
  });

  test.each(Object.keys(STOPS))('%s: an approval is used before it is acknowledged, or not at all', async (name) => {
    const { does, event, codes } = STOPS[name]!;
    const stopped = await newRound(bench);
    const unused = await approve(bench, stopped);
    made(await does(bench, stopped));
    expect(codes).toContain(saidBy(await use(bench.gate.url, stopped, unused)));
    expect(bench.stub.arrivedWith(unused.executionId)).toBe(0);

    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench);
      const approved = await approve(bench, round);
      const uses = [0, 1, 2].map(() => () => use(bench.gate.url, round, approved));
      const answers = await inDisorder(bench.gate.url, nth, [() => does(bench, round), ...uses]);
      made(answers[0]!);
      const said = answers.slice(1).map(saidBy);
      const executed = said.filter((word) => word === 'executed').length;
      expect(executed).toBeLessThanOrEqual(1);
      for (const word of said) expect(['executed', 'approval_consumed', ...codes]).toContain(word);
      expect(['approval_consumed', ...codes]).toContain(saidBy(await use(bench.gate.url, round, approved)));
      expect(bench.stub.arrivedWith(approved.executionId)).toBe(executed);

      const entries = await entriesOf(bench, round, approved);
      const stop = entries.findIndex((entry) => entry.event_type === event && entry.outcome !== 'granted');
      const consumed = entries.findIndex(({ event_type }) => event_type === 'approval.consumed');
      expect(stop).toBeGreaterThan(-1);
      expect(consumed === -1).toBe(executed === 0);
      expect(consumed).toBeLessThan(stop);
    }
  });

  test.each(Object.keys(STOPS).filter((name) => name !== 'an edit of the tool'))(
    '%s: an auto call starts before it is acknowledged, or not at all',
    async (name) => {
      const { does, event, codes } = STOPS[name]!;
      for (let nth = 0; nth < ROUNDS; nth += 1) {
        const round = await newRound(bench, 'auto');
        // The second call of a token works with what is remembered from the first.
        made(await call(bench.gate.url, round));
        const calls = [0, 1, 2, 3].map(() => () => call(bench.gate.url, round));
        const answers = await inDisorder(bench.gate.url, nth, [() => does(bench, round), ...calls]);
        made(answers[0]!);
        for (const word of answers.slice(1).map(saidBy)) expect(['executed', ...codes]).toContain(word);
        expect(codes).toContain(saidBy(await call(bench.gate.url, round)));

        const ran = answers.slice(1).filter(({ status }) => status === 200);
        const ids = ran.map(({ body }) => body.execution_id as string);
        const entries = await entriesOf(bench, round, undefined, ids);
        const stopped = entries.findIndex((entry) => entry.event_type === event && entry.outcome !== 'granted');
        const started = entries.flatMap(({ event_type }, index) => (event_type === 'execution.started' ? [index] : []));
        expect(started).toHaveLength(ran.length);
        for (const index of started) expect(index).toBeLessThan(stopped);
      }
    },
  );

  test('the end of its time: an approval is used before it, or not at all', async () => {
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench);
      const approved = await approve(bench, round);
      const runOut = async (): Promise<void> => {
        await bench.sql(`update approvals set expires_at = clock_timestamp() where id = $1 and status = 'approved'`, [
          approved.approvalId,
        ]);
      };
      const uses = [0, 1, 2].map(() => () => use(bench.gate.url, round, approved));
      const [, ...answers] = await inDisorder<unknown>(bench.gate.url, nth, [runOut, ...uses]);
      const said = answers.map((reply) => saidBy(reply as Reply));
      const executed = said.filter((word) => word === 'executed').length;
      for (const word of said) expect(['executed', 'approval_consumed', 'approval_expired']).toContain(word);
      expect(bench.stub.arrivedWith(approved.executionId)).toBe(executed);
      const [row] = await bench.sql(
        'select status, consumed_at is null or consumed_at <= expires_at as in_time from approvals where id = $1',
        [approved.approvalId],
      );
      expect(row).toMatchObject({ in_time: true });
      expect(row!.status === 'consumed').toBe(executed === 1);
    }
  });

  test('a denial and a grant at once: one of them counts, and only a grant that counts is used', async () => {
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench);
      const held = await hold(bench, round);
      const vote = (by: 'admin' | 'second_admin', decision: string) => () =>
        bench.people[by]('POST', `/v1/approvals/${held.approvalId}/decisions`, {
          decision,
          reason: 'A race',
          payload_sha256: held.sha256,
        });
      const uses = [0, 1].map(() => () => use(bench.gate.url, round, held));
      const answers = await inDisorder(bench.gate.url, nth, [
        vote('admin', 'denied'),
        vote('second_admin', 'granted'),
        ...uses,
      ]);
      const [denied, granted] = answers.map((reply) => reply.status === 200);
      expect([denied, granted].filter(Boolean)).toHaveLength(1);
      const late = await use(bench.gate.url, round, held);
      const executed = [...answers.slice(2), late].filter(({ status }) => status === 200).length;
      expect(executed).toBe(granted ? 1 : 0);
      expect(bench.stub.arrivedWith(held.executionId)).toBe(executed);
      const events = (await entriesOf(bench, round, held)).map(({ event_type }) => event_type);
      const expected = granted ? ['approval.granted', 'approval.consumed'] : ['approval.denied'];
      expect(events.filter((event) => event.startsWith('approval.'))).toEqual(['approval.requested', ...expected]);
    }
  });

  test('a cancellation and a grant at once: one of them counts', async () => {
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench);
      const held = await hold(bench, round);
      const path = `/v1/approvals/${held.approvalId}`;
      const answers = await inDisorder(bench.gate.url, nth, [
        () => round.client.send('DELETE', path),
        () => bench.people.admin('POST', `${path}/decisions`, { decision: 'granted', payload_sha256: held.sha256 }),
      ]);
      const [cancelled, granted] = answers.map((reply) => reply.status === 200);
      expect(cancelled).not.toBe(granted);
      expect(saidBy(await use(bench.gate.url, round, held))).toBe(granted ? 'executed' : 'approval_cancelled');
    }
  });

  test('two admins at once are two people, and one admin twice at once is one', async () => {
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench, 'approve-dual');
      const held = await hold(bench, round);
      const vote = (by: 'admin' | 'second_admin') => () =>
        bench.people[by]('POST', `/v1/approvals/${held.approvalId}/decisions`, {
          decision: 'granted',
          payload_sha256: held.sha256,
        });
      const twice = await inDisorder(bench.gate.url, nth, [vote('admin'), vote('admin'), vote('admin')]);
      expect(twice.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(saidBy(await use(bench.gate.url, round, held))).toBe('approval_pending');
      expect(saidBy(await vote('second_admin')())).toBe('approved');
    }
  });

  test('auto calls while the policy is edited run only under the policy of their moment', async () => {
    const round = await newRound(bench, 'auto');
    const path = `/v1/clients/${round.client.id}/grants/${round.grantId}`;
    const edits = async (): Promise<void> => {
      for (let nth = 0; nth < 20; nth += 1) {
        made(await bench.people.owner('PATCH', path, { policy: nth % 2 === 0 ? 'approve' : 'auto' }));
      }
    };
    const calling = async (): Promise<Reply[]> => {
      const replies: Reply[] = [];
      for (let nth = 0; nth < 25; nth += 1) replies.push(await call(bench.gate.url, round));
      return replies;
    };
    const [, ...lanes] = await Promise.all([edits(), calling(), calling(), calling(), calling()]);
    const replies = lanes.flat();
    // Edits may come faster than a call can be decided; it then says so, and has done nothing.
    for (const word of replies.map(saidBy))
      expect(['executed', 'pending_approval', 'store_unavailable']).toContain(word);

    const ids = replies.map(({ body }) => body.execution_id as string);
    const approvals = replies.flatMap(({ body }) => (body.approval_id === undefined ? [] : [body.approval_id]));
    const entries = await bench.entries({ resources: [round.grantId, ...ids, ...approvals] });
    let policy = '';
    for (const { event_type, data, after_state } of entries) {
      if (event_type === 'policy.updated') policy = after_state.policy;
      if (event_type === 'execution.started' || event_type === 'approval.requested') expect(data.policy).toBe(policy);
    }
    expect(entries.filter(({ event_type }) => event_type === 'execution.started')).toHaveLength(
      replies.filter(({ status }) => status === 200).length,
    );
  });
});

describe.skipIf(!services.databaseUrl)('two gates on one PostgreSQL', () => {
  let bench: Workbench;
  let second: Running;
  beforeAll(async () => {
    bench = await openWorkbench('postgres');
    const host = new URL(bench.stub.url).host;
    second = await start({
      settings: readSettings({
        PORT: '0',
        DATABASE_URL: bench.gate.databaseUrl,
        COUNTERSIGN_DATA_DIR: bench.gate.running.app.settings.COUNTERSIGN_DATA_DIR,
        COUNTERSIGN_EGRESS_ALLOW: host,
      }),
      log: pino({ level: 'silent' }),
    });
  });
  afterAll(async () => {
    await second?.stop();
    await bench?.close();
  });

  test(`of ${CONSUMPTIONS} simultaneous uses over both gates one executes`, { timeout: 120_000 }, async () => {
    const round = await newRound(bench);
    const approved = await approve(bench, round);
    await expectOneExecution(bench, round, approved, [bench.gate.running, second]);
  });

  test.each(Object.keys(STOPS))('%s on one gate stops the other', async (name) => {
    const { does, event, codes } = STOPS[name]!;
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const auto = await newRound(bench, 'auto');
      made(await call(second.url, auto));
      made(await does(bench, auto));
      const after = saidBy(await call(second.url, auto));
      if (name === 'an edit of the tool') expect(after).toBe('executed');
      else expect(codes).toContain(after);

      const round = await newRound(bench);
      const approved = await approve(bench, round);
      const uses = [second.url, bench.gate.url, second.url].map((url) => () => use(url, round, approved));
      const answers = await inDisorder(bench.gate.url, nth, [() => does(bench, round), ...uses]);
      const executed = answers.slice(1).filter(({ status }) => status === 200).length;
      expect(bench.stub.arrivedWith(approved.executionId)).toBe(executed);
      const entries = await entriesOf(bench, round, approved);
      const stopped = entries.findIndex((entry) => entry.event_type === event && entry.outcome !== 'granted');
      const consumed = entries.findIndex(({ event_type }) => event_type === 'approval.consumed');
      expect(consumed === -1).toBe(executed === 0);
      expect(consumed).toBeLessThan(stopped);
    }
  });

  test('an approval granted on one gate is executed once, by whichever sets out', async () => {
    for (let nth = 0; nth < ROUNDS; nth += 1) {
      const round = await newRound(bench);
      const { approvalId, executionId, sha256 } = await hold(bench, round, true);
      const vote = { decision: 'granted', payload_sha256: sha256 };
      made(await bench.people.admin('POST', `/v1/approvals/${approvalId}/decisions`, vote));
      await Promise.all([bench.gate.running, second].map(({ app }) => app.gateway.sweep()));
      const status = async () => made(await bench.people.owner('GET', `/v1/executions/${executionId}`)).status;
      await expect.poll(status, { interval: 5 }).toBe('executed');
      expect(bench.stub.arrivedWith(executionId)).toBe(1);
    }
  });

  test('both have written one chain, and it verifies', async () => {
    await bench.gate.sequenced();
    expect(made(await bench.people.owner('POST', '/v1/audit/verify'))).toMatchObject({ ok: true });
  });
});
