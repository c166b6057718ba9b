import { expect, test } from 'vitest';
import { EventStreamReader } from './event-stream.ts';

const stream =
  'retry: 1000\nid: 7\nevent: ready\ndata: {"seq":7}\n\n: seq 7\n\nid: 8\nevent: approval.requested\ndata: one\ndata: two\n\n';
const events = [
  { id: '7', event: 'ready', data: '{"seq":7}' },
  { id: '8', event: 'approval.requested', data: 'one\ntwo' },
];

test('reads the same events however the stream is cut into chunks', () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const reader = new EventStreamReader();
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
      stream.slice(at * size, (at + 1) * size),
    );
    expect(chunks.flatMap((chunk) => reader.push(chunk))).toEqual(events);
  }
});

test('takes each of the three line endings, also when one is cut in two', () => {
  const reader = new EventStreamReader();
  expect([...reader.push('id: 1\r\ndata: a\r'), ...reader.push('\n\r\n')]).toEqual([
    { id: '1', event: 'message', data: 'a' },
  ]);
  expect(reader.push('data: b\r\rdata: c\n\n')).toEqual([
    { id: null, event: 'message', data: 'b' },
    { id: null, event: 'message', data: 'c' },
  ]);
});

test('an event that is not finished is not told', () => {
  expect(new EventStreamReader().push('id: 1\ndata: half\n')).toEqual([]);
});
