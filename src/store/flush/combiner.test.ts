import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StoreUnavailable } from '../fault.ts';
import { WriteCombiner } from './combiner.ts';
import type { Lane } from './lane.ts';
import { type CommonColumns, type EventRow, FLUSH_TYPES, type FlushType, type Requires } from './rows.ts';
import { APPENDING, ENTERING, type FlushQuery, runFlush } from './statement.ts';

/** What a flush put on the wire, and how the server may answer it. */
type Sent = {
  readonly bytes: Buffer;
  /** Rows that are answered one by one. */
  readonly calls: number;
  /** Of each array in the message. */
  readonly lengths: readonly number[];
  /** Answers: how many rows were written (all that are not refused), and which were refused. */
  land(answer?: { written?: number; refused?: Record<number, string>; transaction?: 'I' | 'T' }): void;
  fail(fault: Error): void;
};

/** A combiner of one lane over a connection that a test answers by hand. */
function startCombiner(on = ENTERING) {
  const sent: Sent[] = [];
  let transaction = 'I';
  const client = {
    getTransactionStatus: () => transaction,
    query: (flush: FlushQuery) =>
      flush.submit({
        parsedStatements: { [flush.name]: flush.text },
        stream: {
          write(bytes: Buffer) {
            const lengths = lengthsIn(bytes);
            const calls = lengths[on === ENTERING ? 2 : 1]!;
            sent.push({
              bytes,
              calls,
              lengths,
              land({ refused = {}, written = calls - Object.keys(refused).length, transaction: status = 'I' } = {}) {
                const [ords, reasons] = [Object.keys(refused), Object.values(refused)];
                flush.handleDataRow({ fields: [String(written), `{${ords}}`, `{${reasons}}`] });
                transaction = status;
                flush.handleReadyForQuery();
              },
              fail: (fault) => flush.handleError(fault as never),
            });
          },
        },
      } as never),
  };
  const lane: Lane = { run: (statement, bytes) => runFlush(client as never, statement, bytes), async close() {} };
  const oids = Object.fromEntries(Object.keys(FLUSH_TYPES).map((type) => [type, 1]));
  const combiner = new WriteCombiner([lane], on, oids as Record<FlushType, number>);
  const tenantOf = (tenant: number): string => `0190d9c0-0000-7000-8000-00000000000${tenant}`;
  const write = ({ body = '{}', ...requires }: { body?: string } & Partial<Requires> = {}, tenant = 1) => {
    const common = { tenant: tenantOf(tenant), records: 'nothing' } as CommonColumns;
    const row = { common, at: new Date(0), resource_id: 'exe_1', entry: '{}', body } as EventRow;
    const needs = { principal_id: 'icl_1', execution_id: 'exe_1', ...requires };
    return combiner.write({ tenantId: tenantOf(tenant), events: [row], requires: needs });
  };
  const append = (common: CommonColumns, body = '{}') => {
    const row = { common, at: new Date(0), resource_id: 'exe_1', entry: '{}', body } as EventRow;
    return combiner.write({ tenantId: common.tenant, events: [row] });
  };
  const flush = async (number: number): Promise<Sent> => {
    while (sent.length < number) await setImmediate();
    return sent[number - 1]!;
  };
  return { write, append, flush };
}

/** How many elements each array has that the Bind message of a flush binds. */
function lengthsIn(bytes: Buffer): number[] {
  const statement = 1 + 4 + 1;
  const formats = bytes.indexOf(0, statement) + 1;
  const lengths: number[] = [];
  for (let left = bytes.readInt16BE(formats + 4), at = formats + 6; left > 0; left--) {
    lengths.push(bytes.readInt32BE(at + 4) === 0 ? 0 : bytes.readInt32BE(at + 4 + 12));
    at += 4 + bytes.readInt32BE(at);
  }
  return lengths;
}

test('a write that finds the store idle goes alone, and what comes meanwhile goes together', async () => {
  const { write, flush } = startCombiner();
  const first = write();
  const one = await flush(1);
  const later = [write(), write(), write()];
  await setImmediate();
  one.land();
  expect(await first).toEqual({ ok: true });
  const three = await flush(2);
  expect([one.calls, three.calls]).toEqual([1, 3]);
  three.land({ refused: { 1: 'stale' } });
  expect(await Promise.all(later)).toEqual([{ ok: true }, { ok: false, why: 'stale' }, { ok: true }]);
});

test('a small write of one workspace does not wait behind a queue of large ones of another', async () => {
  const { write, flush } = startCombiner();
  const huge = { body: 'x'.repeat(2_000_000) };
  const large = [write(huge)];
  const one = await flush(1);
  large.push(write(huge), write(huge), write(huge));
  const small = [write({}, 2), write({}, 2)];
  one.land();
  const two = await flush(2);
  two.land();
  await Promise.all(small);
  (await flush(3)).land();
  (await flush(4)).land();
  await Promise.all(large);
  expect([one.calls, two.calls]).toEqual([1, 3]);
});

test('a flush within a transaction that somebody left open is no commit', async () => {
  const { write, flush } = startCombiner();
  const written = write();
  (await flush(1)).land({ transaction: 'T' });
  await expect(written).rejects.toThrow(StoreUnavailable);
});

test('an answer that does not account for every row is believed for none', async () => {
  const { write, flush } = startCombiner();
  const written = write();
  (await flush(1)).land({ written: 0 });
  await expect(written).rejects.toThrow(StoreUnavailable);
});

test('bytes that were given to a connection that failed are never written over', async () => {
  const { write, flush } = startCombiner();
  const refused = write({ body: 'the first' });
  const first = await flush(1);
  const asSent = Buffer.from(first.bytes);
  first.fail(new Error('Connection terminated'));
  await expect(refused).rejects.toThrow(StoreUnavailable);
  const next = write({ body: 'something else, and longer' });
  (await flush(2)).land();
  expect(await next).toEqual({ ok: true });
  expect(first.bytes.equals(asSent)).toBe(true);
});

test('equal idempotency keys of two clients are written in one order, whatever the order they came in', async () => {
  const order = async (principals: readonly string[]): Promise<number[]> => {
    const { write, flush } = startCombiner();
    const written = principals.map((principal_id) =>
      write({ principal_id, idempotency: { key: 'order-1', request_sha256: '' } }),
    );
    const { bytes, land } = await flush(1);
    land();
    await Promise.all(written);
    return ['icl_a', 'icl_b'].map((principal) => bytes.indexOf(principal));
  };
  const [a, b] = await order(['icl_a', 'icl_b']);
  expect(a).toBeLessThan(b!);
  expect(await order(['icl_b', 'icl_a'])).toEqual([a, b]);
});

test('what events of a flush have in common is written once', async () => {
  const { append, flush } = startCombiner(APPENDING);
  const common = (tenant: number, records: 'call' | 'outcome') =>
    ({ tenant: `0190d9c0-0000-7000-8000-00000000000${tenant}`, records, version: 1 }) as CommonColumns;
  const [one, two, ended] = [common(1, 'call'), common(2, 'call'), common(3, 'outcome')];
  const written = [append(two), append(one), append(two), append(ended), append(one)];
  const first = await flush(1);
  first.land();
  await Promise.all(written);
  expect(first.lengths).toEqual([3, 5]);
});

test('what has been encoded before is written as if it were anew', async () => {
  const { append, flush } = startCombiner(APPENDING);
  const tenant = '0190d9c0-0000-7000-8000-000000000001';
  const common = { tenant, records: 'call', version: 7, tool_name: 'mail.send' } as CommonColumns;
  const send = async (number: number, columns: CommonColumns): Promise<Buffer> => {
    const written = append(columns, '"€"');
    const { bytes, land } = await flush(number);
    const copy = Buffer.from(bytes);
    land();
    await written;
    return copy;
  };
  const anew = await send(1, { ...common });
  const first = await send(2, common);
  const again = await send(3, common);
  expect(first.equals(anew)).toBe(true);
  expect(again.equals(anew)).toBe(true);
});
