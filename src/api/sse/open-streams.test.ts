import { expect, test } from 'vitest';
import { OpenStreams } from './open-streams.ts';

test('holds so many open for each, and one more when one has ended', () => {
  const streams = new OpenStreams(2);
  const first = streams.enter('a');
  expect(streams.enter('a')).toBeDefined();
  expect(streams.enter('a')).toBeUndefined();
  expect(streams.enter('b')).toBeDefined();
  first?.();
  first?.();
  expect(streams.enter('a')).toBeDefined();
  expect(streams.enter('a')).toBeUndefined();
});
