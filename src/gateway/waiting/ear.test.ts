import { expect, test } from 'vitest';
import type { Signal } from '../../store/signals.ts';
import { listen } from './ear.ts';

type Told = Signal | { kind: 'reconnected' };
const NEVER = new AbortController().signal;
const AUDIT: Signal = { kind: 'audit', tenantIds: ['a'] };

/** Signals that a test sends. */
function signalling() {
  const listeners = new Set<(signal: Told) => void>();
  const signals = {
    subscribe(listener: (signal: Told) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const send = (signal: Told): void => {
    for (const listener of listeners) listener(signal);
  };
  return { store: { signals } as never, send, listeners };
}

test('what came before anybody waited is heard, and what concerns nobody is not', async () => {
  const { store, send, listeners } = signalling();
  const ear = listen(store, (signal) => signal.kind === 'audit');
  send(AUDIT);
  await ear.next(60_000, NEVER);
  const gone = new AbortController();
  let woken = false;
  const next = ear.next(60_000, gone.signal).then(() => {
    woken = true;
  });
  send({ kind: 'deliveries' });
  await Promise.resolve();
  expect(woken).toBe(false);
  send({ kind: 'reconnected' });
  await next;
  const waiting = ear.next(60_000, gone.signal);
  gone.abort();
  await waiting;
  ear.close();
  expect(listeners.size).toBe(0);
});
