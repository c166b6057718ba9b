import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningExports, streamOf } from '../src/api/running-exports.ts';
import { SEARCH_SPAN } from '../src/ledger/read.ts';
import { engines } from './support/engines.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

/** Looking for something in a long chain, and taking it away, holds nobody up. */

const LINKS = 2 * SEARCH_SPAN + 500;

describe.each(engines)('a long chain on %s', (engine) => {
  let bench: Workbench;
  let head = 0;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
    await bench.gate.sequenced();
    const [row] = await bench.sql<{ seq: string }>('select max(seq) as seq from audit_log where tenant_id = $1', [
      bench.gate.tenantId,
    ]);
    head = Number(row!.seq);
    // Links that only have to be there: what they say is not verified here.
    await bench.sql(
      `insert into audit_log (tenant_id, seq, prev_hash, hash, at, event_type, actor_kind, actor_id, resource_kind,
         resource_id, outcome, entry)
       select $1, $2 + n, '\\x00', '\\x00', now() + n * interval '1 second', 'execution.executed', 'client', 'icl_x',
         'execution', 'exe_' || n, 'executed',
         format('{"data":{"tool":"%s"}}', case when n = 7 then 'rare.tool' else 'common' end)
       from generate_series(1, $3::int) n`,
      [bench.gate.tenantId, head, LINKS],
    );
  });
  afterAll(() => bench?.close());

  const find = async (query: string): Promise<{ found: number[]; pages: number }> => {
    const found: number[] = [];
    let cursor = '';
    for (let pages = 1; ; pages += 1) {
      const page = made(await bench.people.owner('GET', `/v1/audit?${query}${cursor}`));
      found.push(...page.items.map(({ seq }: { seq: number }) => seq));
      if (page.next_cursor === null) return { found, pages };
      cursor = `&cursor=${page.next_cursor}`;
    }
  };

  test.each(['tool=rare.tool', 'tool=rare.tool&actor=icl_x', 'resource=exe_7', 'tool=rare.tool&event=execution.'])(
    'what is far behind is found by %s, page by page',
    async (query) => {
      const { found, pages } = await find(query);
      expect(found).toEqual([head + 7]);
      expect(pages).toBe(query.startsWith('resource') ? 1 : Math.ceil((head + LINKS) / SEARCH_SPAN));
    },
  );

  test('one question looks at a bounded part of the chain', async () => {
    const page = made(await bench.people.owner('GET', '/v1/audit?tool=no.such.tool'));
    expect(page.items).toEqual([]);
    expect(Number(page.next_cursor)).toBe(head + LINKS + 1 - SEARCH_SPAN);
  });

  test('a time far back is found at once', async () => {
    const [row] = await bench.sql<{ at: Date }>('select at from audit_log where tenant_id = $1 and seq = $2', [
      bench.gate.tenantId,
      head + 100,
    ]);
    const from = new Date(row!.at.getTime()).toISOString();
    const to = new Date(row!.at.getTime() + 5_000).toISOString();
    const { found, pages } = await find(`from=${from}&to=${to}&tool=common`);
    expect(found.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4].map((nth) => head + 100 + nth));
    expect(pages).toBe(1);
  });

  test('an export is whole, in order, and one of a kind at a time', async () => {
    const replies = await Promise.all(
      [0, 1, 2, 3].map(() => bench.people.viewer('GET', '/v1/audit/export?format=jsonl')),
    );
    const [whole, ...busy] = replies.sort((a, b) => a.status - b.status);
    expect(replies.map(({ status }) => status)).toEqual([200, 429, 429, 429]);
    expect(busy[0]!.headers.get('retry-after')).toMatch(/^\d+$/);
    const seqs = whole!.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).seq as number);
    expect(seqs.slice(0, head + LINKS)).toEqual(Array.from({ length: head + LINKS }, (_, nth) => nth + 1));
    expect((await bench.people.viewer('GET', '/v1/audit/export?tool=rare.tool')).text).toContain(`"seq":${head + 7},`);
  });

  test('who is removed in the middle of an export does not get the rest', async () => {
    const { email, password } = bench.gate.demo.users.find(({ role }) => role === 'viewer')!;
    const signedIn = await bench.gate.anyone('POST', '/api/auth/sign-in/email', { email, password });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const response = await fetch(`${bench.gate.url}/v1/audit/export`, { headers: { cookie } });
    const reader = response.body!.getReader();
    await reader.read();
    made(await bench.people.owner('DELETE', `/v1/members/${bench.userIds.viewer}`));
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });
});

test('a workspace and a person have so many places, and get them back', () => {
  const running = new RunningExports();
  const leave = running.enter('t', 'a')!;
  expect(running.enter('t', 'a')).toBeUndefined();
  expect(running.enter('t', 'b')).toBeDefined();
  expect(running.enter('t', 'c')).toBeUndefined();
  expect(running.enter('u', 'a')).toBeDefined();
  leave();
  leave();
  expect(running.enter('t', 'c')).toBeDefined();
});

test('a reader who takes nothing is cut off, and their place is free again', async () => {
  let ended = 0;
  async function* pages(): AsyncGenerator<string> {
    for (;;) yield 'page';
  }
  const left = (): void => {
    ended += 1;
  };
  const stream = streamOf(pages(), left, 5);
  await expect.poll(() => ended).toBe(1);
  await expect(stream.getReader().read()).rejects.toThrow(/too long/);
});
