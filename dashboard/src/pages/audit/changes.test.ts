import { expect, test } from 'vitest';
import { changes } from './changes.ts';

test('names what was changed, added and removed, and nothing else', () => {
  const before = { policy: 'approve', name: 'x', gone: 1, list: ['a'] };
  const after = { policy: 'auto', name: 'x', list: ['a', 'b'], fresh: null };
  expect(changes(before, after)).toEqual([
    { member: 'policy', before: 'approve', after: 'auto' },
    { member: 'list', before: '[\n "a"\n]', after: '[\n "a",\n "b"\n]' },
    { member: 'fresh', before: undefined, after: 'null' },
    { member: 'gone', before: '1', after: undefined },
  ]);
});

test('an entry without states has no differences', () => {
  expect(changes(undefined, null)).toEqual([]);
});
