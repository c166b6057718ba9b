import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { Exchange } from './exchange.ts';

test('a stream that its client does not read is ended', () => {
  const outgoing = {
    destroyed: false,
    writableLength: 0,
    writeHead: () => outgoing,
    write: () => true,
    destroy() {
      outgoing.destroyed = true;
    },
  };
  const incoming = { headers: { accept: 'text/event-stream' } } as IncomingMessage;
  const exchange = new Exchange(incoming, outgoing as unknown as ServerResponse, 'req_1', 1);
  exchange.notify('notifications/message', {});
  exchange.beat();
  expect(outgoing.destroyed).toBe(false);
  outgoing.writableLength = 1024 ** 2 + 1;
  exchange.beat();
  expect(outgoing.destroyed).toBe(true);
  outgoing.destroyed = false;
  exchange.notify('notifications/message', {});
  expect(outgoing.destroyed).toBe(true);
});
