import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditEvent } from './audit.ts';
import { RefusalLedger, type RefusalLimits, type Refused } from './refusals.ts';

const START_MS = Date.parse('2026-05-20T12:00:00Z');
const LIMITS: RefusalLimits = { keyPerMinute: 2, workspacePerMinute: 5, keysMax: 100 };
const TENANT = '00000000-0000-7000-8000-000000000001';
const OTHER = '00000000-0000-7000-8000-000000000002';

describe('refusals', () => {
  let nowMs = START_MS;
  let entered: { tenantId: string; event: AuditEvent }[] = [];
  let transactions = 0;
  let faults: unknown[] = [];
  let broken = false;
  beforeEach(() => {
    nowMs = START_MS;
    entered = [];
    transactions = 0;
    faults = [];
    broken = false;
  });

  const open = (limits: Partial<RefusalLimits> = {}): RefusalLedger =>
    new RefusalLedger(
      async (tenantId, events) => {
        if (broken) throw new Error('away');
        transactions += 1;
        entered.push(...events.map((event) => ({ tenantId, event })));
      },
      () => new Date(nowMs),
      (fault) => faults.push(fault),
      { ...LIMITS, ...limits },
    );
  const refused = (key: string, detail = '', tenantId = TENANT): Refused => ({
    tenantId,
    key,
    actor: { kind: 'member', id: `usr_${key}` },
    event: {
      event_type: 'request.refused',
      resource: { kind: 'approval', id: 'apv_1' },
      outcome: 'denied',
      data: { code: 'forbidden', detail },
    },
  });
  const dataOf = () => entered.map(({ event }) => event.data);

  test('the first few of a key are entries of their own, the rest of the minute is one with its count', async () => {
    const ledger = open();
    for (const nth of [1, 2, 3, 4, 5]) {
      await ledger.note(refused('a', `number ${nth}`));
      nowMs += 1_000;
    }
    expect(dataOf()).toEqual([
      { code: 'forbidden', detail: 'number 1' },
      { code: 'forbidden', detail: 'number 2' },
    ]);
    await ledger.flush();
    expect(entered.at(-1)).toEqual({
      tenantId: TENANT,
      event: {
        ...refused('a').event,
        actor: { kind: 'member', id: 'usr_a' },
        data: {
          code: 'forbidden',
          detail: 'number 5',
          count: 3,
          first_at: '2026-05-20T12:00:02.000Z',
          last_at: '2026-05-20T12:00:04.000Z',
        },
      },
    });
    await ledger.flush();
    expect(entered).toHaveLength(3);
  });

  test('a key has room again after a minute, and no key takes the room of another', async () => {
    const ledger = open();
    for (let nth = 0; nth < 4; nth += 1) await ledger.note(refused('a'));
    await ledger.note(refused('b'));
    await ledger.note(refused('a', '', OTHER));
    expect(entered).toHaveLength(4);
    nowMs += 59_999;
    await ledger.note(refused('a'));
    expect(entered).toHaveLength(4);
    nowMs += 1;
    await ledger.note(refused('a'));
    expect(entered).toHaveLength(5);
  });

  test('a workspace writes a bounded number a minute, however many keys there are, and each is counted', async () => {
    const ledger = open();
    for (let nth = 0; nth < 50; nth += 1) await ledger.note(refused(`k${nth}`));
    await ledger.note(refused('elsewhere', '', OTHER));
    expect(entered.filter(({ tenantId }) => tenantId === TENANT)).toHaveLength(5);
    expect(entered.filter(({ tenantId }) => tenantId === OTHER)).toHaveLength(1);
    const before = transactions;
    await ledger.flush();
    expect(transactions).toBe(before + 1);
    expect(entered.filter(({ tenantId }) => tenantId === TENANT)).toHaveLength(50);
  });

  test('what is remembered is bounded, and what is beyond is counted together', async () => {
    const ledger = open({ keysMax: 10, workspacePerMinute: 0 });
    for (let nth = 0; nth < 1_000; nth += 1) await ledger.note(refused(`k${nth}`));
    await ledger.flush();
    expect(entered).toHaveLength(11);
    const counts = dataOf().map((data) => data!.count as number);
    expect(counts.reduce((sum, count) => sum + count)).toBe(1_000);
  });

  test('what cannot be written is counted and written later; the refusal stands all the same', async () => {
    const ledger = open();
    broken = true;
    await ledger.note(refused('a'));
    await ledger.flush();
    nowMs += 5_000;
    await ledger.note(refused('a'));
    expect(faults).toHaveLength(3);
    expect(entered).toEqual([]);
    broken = false;
    await ledger.flush();
    expect(dataOf()).toEqual([
      expect.objectContaining({
        count: 2,
        first_at: '2026-05-20T12:00:00.000Z',
        last_at: '2026-05-20T12:00:05.000Z',
      }),
    ]);
  });
});
