import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Engine } from './engine.ts';
import { StoreUnavailable } from './fault.ts';
import type { FlushQuery } from './flush-query.ts';
import { type CallRow, FLUSH_TYPES, type FlushType } from './flush-rows.ts';
import { WriteCombiner } from './write-combiner.ts';

/** What a flush put on the wire, and how the server may answer it. */
type Sent = {
  readonly bytes: Buffer;
  readonly calls: number;
  /** Answers: how many rows were written (all that are not refused), and which were refused. */
  land(answer?: { written?: number; refused?: Record<number, string>; transaction?: 'I' | 'T' }): void;
  fail(fault: Error): void;
};

/** A combiner of one lane over a connection that a test answers by hand. */
function startCombiner() {
  const sent: Sent[] = [];
  let transaction = 'I';
  const client = {
    getTransactionStatus: () => transaction,
    query: (flush: FlushQuery) =>
      flush.submit({
        parsedStatements: { [flush.name]: flush.text },
        stream: {
          write(bytes: Buffer) {
            const calls = callsIn(bytes);
            sent.push({
              bytes,
              calls,
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
  const engine = { kind: 'embedded', withConnection: (work: (on: unknown) => unknown) => work(client) };
  const oids = Object.fromEntries(Object.keys(FLUSH_TYPES).map((type) => [type, 1]));
  const combiner = new WriteCombiner(engine as unknown as Engine, oids as Record<FlushType, number>);
  const write = (row: Partial<CallRow> = {}, tenant = 1) =>
    combiner.write(`0190d9c0-0000-7000-8000-00000000000${tenant}`, { kind: 'call', audits: [], row: row as CallRow });
  const flush = async (number: number): Promise<Sent> => {
    while (sent.length < number) await setImmediate();
    return sent[number - 1]!;
  };
  return { write, flush };
}

/** The length of the second array that the Bind message of a flush binds. */
function callsIn(bytes: Buffer): number {
  const statement = 1 + 4 + 1;
  const formats = bytes.indexOf(0, statement) + 1;
  const batches = formats + 2 + 2 + 2;
  const calls = batches + 4 + bytes.readInt32BE(batches) + 4;
  return bytes.readInt32BE(calls) === 0 ? 0 : bytes.readInt32BE(calls + 12);
}

test('a write that finds the store idle goes alone, and what comes meanwhile goes together', async () => {
  const { write, flush } = startCombiner();
  const first = write();
  const one = await flush(1);
  const later = [write(), write(), write()];
  await setImmediate();
  one.land();
  expect(await first).toBe('ok');
  const three = await flush(2);
  expect([one.calls, three.calls]).toEqual([1, 3]);
  three.land({ refused: { 1: 'stale' } });
  expect(await Promise.all(later)).toEqual(['ok', 'stale', 'ok']);
});

test('a small write of one workspace does not wait behind a queue of large ones of another', async () => {
  const { write, flush } = startCombiner();
  const huge = { arguments: 'x'.repeat(2_000_000) };
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
  const refused = write({ arguments: 'the first' });
  const first = await flush(1);
  const asSent = Buffer.from(first.bytes);
  first.fail(new Error('Connection terminated'));
  await expect(refused).rejects.toThrow(StoreUnavailable);
  const next = write({ arguments: 'something else, and longer' });
  (await flush(2)).land();
  expect(await next).toBe('ok');
  expect(first.bytes.equals(asSent)).toBe(true);
});

test('equal idempotency keys of two clients are written in one order, whatever the order they came in', async () => {
  const order = async (principals: readonly string[]): Promise<number[]> => {
    const { write, flush } = startCombiner();
    const written = principals.map((principal_id) => write({ principal_id, idempotency_key: 'order-1' }));
    const { bytes, land } = await flush(1);
    land();
    await Promise.all(written);
    return ['icl_a', 'icl_b'].map((principal) => bytes.indexOf(principal));
  };
  const [a, b] = await order(['icl_a', 'icl_b']);
  expect(a).toBeLessThan(b!);
  expect(await order(['icl_b', 'icl_a'])).toEqual([a, b]);
});
