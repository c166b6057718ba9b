import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REFUSALS, type RefusalCode } from '../src/kernel/codes.ts';
import { readCases } from './cases/case-file.ts';
import { DOORS } from './cases/doors.ts';
import { play } from './cases/play.ts';
import { engines } from './support/engines.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const cases = readCases();

/** Codes of steps that have their place in the order and are not there yet. A case for one of them fails the test below. */
const NOT_LIVE: readonly RefusalCode[] = [
  'capability_required',
  'guardrail_auth',
  'guardrail_limit',
  'guardrail_escalate',
  'budget_exceeded',
  'approval_required',
];

/** What no governed call meets: a person with a password that others know (test/joining.test.ts). */
const OF_PEOPLE: readonly RefusalCode[] = ['password_change_required'];

/** What takes two people at the same moment, or ten thousand drafts (test/drafts.test.ts). */
const OF_MANY: readonly RefusalCode[] = ['draft_moved', 'drafts_full'];

test('every refusal of a live step has a case', () => {
  const covered = new Set(cases.map(({ code }) => code).filter((code) => code !== undefined));
  const codes = Object.keys(REFUSALS) as RefusalCode[];
  expect([...covered, ...NOT_LIVE, ...OF_PEOPLE, ...OF_MANY].sort()).toEqual(codes.sort());
});

test('a refusal that the table says is recorded has a case with its entry, and any other has none', () => {
  const entered = new Set(cases.flatMap(({ audit }) => audit.map(({ data }) => data?.code)));
  const elsewhere = [...NOT_LIVE, ...OF_MANY];
  const codes = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => !elsewhere.includes(code));
  const recorded = codes.filter((code) => REFUSALS[code].recorded === 'entry');
  expect(codes.filter((code) => entered.has(code)).sort()).toEqual(recorded.sort());
});

test('a case reaches the code it is about, in an answer or an audit entry', () => {
  const misnamed = cases.filter(({ code, steps, audit }) => {
    const told = steps.map(({ answer }) => answer?.body.code);
    const audited = audit.map(({ data }) => data?.code);
    return code !== undefined && ![...told, ...audited].includes(code);
  });
  expect(misnamed.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

describe.each(engines)('decisions on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  describe.each(DOORS)('by the door $name', (door) => {
    test.each(cases)('$file: $name', (one) => play(bench, door, one));
  });

  test('unknown, revoked and malformed tokens are answered with the same bytes but for the request id', async () => {
    const revoked = await bench.newClient();
    made(await bench.people.owner('DELETE', `/v1/clients/${revoked.id}/tokens/${revoked.tokenId}`));
    const unknown = revoked.token.slice(0, -3) + (revoked.token.endsWith('AAA') ? 'BBB' : 'AAA');
    for (const [method, path, body] of [
      ['POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } }],
      ['GET', '/api/agent/gateway', undefined],
      ['GET', '/v1/approvals', undefined],
      ['GET', '/v1/members', undefined],
      ['DELETE', '/v1/approvals/apv_01m80m5h5re308pvzp7b8eqkmg', undefined],
    ] as const) {
      const replies = [];
      for (const token of [revoked.token, unknown, 'nonsense']) {
        const { status, text, headers } = await bench.gate.client(token)(method, path, body);
        const id = headers.get('x-request-id')!;
        const kept = [...headers].filter(([name]) => name !== 'date').map((pair) => pair.join(': '));
        replies.push([status, text, ...kept].join('\n').replaceAll(id, 'req_…'));
      }
      expect(replies[0]).toContain('401');
      expect(new Set(replies).size, `${method} ${path}`).toBe(1);
    }
  });

  test('the chain that all of this has made verifies', async () => {
    await bench.gate.sequenced();
    const verified = made(await bench.people.owner('POST', '/v1/audit/verify'));
    expect(verified).toMatchObject({ ok: true });
    expect(verified.checked).toBeGreaterThan(cases.length);
  });
});
