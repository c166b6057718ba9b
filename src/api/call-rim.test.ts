import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Token } from '../gateway/call.ts';
import type { App } from './app.ts';
import { enterWait, whenGone } from './call-rim.ts';

test('a caller that has hung up before anybody looks is gone', async () => {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, outgoing) => resolve(outgoing)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
  const outgoing = await promise;
  socket.destroy();
  await once(outgoing, 'close');
  expect(whenGone({ closing: new AbortController().signal } as App, outgoing).aborted).toBe(true);
  server.close();
});

test('so many requests of a token wait, and it is not in the way of others', () => {
  const token = (sha256: string): Token => ({ kind: 'token', sha256 });
  const places = Array.from({ length: 70 }, () => enterWait(token('a'))).filter((place) => place !== undefined);
  expect(places).toHaveLength(64);
  expect(enterWait(token('b'))).toBeDefined();
  places[0]!();
  expect(enterWait(token('a'))).toBeDefined();
});
