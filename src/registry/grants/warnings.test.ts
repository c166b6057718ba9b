import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type Effect, type Policy } from '../../kernel/codes.ts';
import { warningsOf } from './warnings.ts';

test.each<[Effect, Policy]>([
  ['read', 'auto'],
  ['draft', 'auto'],
  ['write', 'approve'],
  ['send', 'approve'],
  ['publish', 'approve'],
  ['charge', 'approve-dual'],
  ['delete', 'approve-dual'],
])('what only %ss is granted with %s', (effect, policy) => {
  expect(DEFAULT_POLICY[effect]).toBe(policy);
});

test('money and destruction without a person are allowed, with a warning', () => {
  expect(warningsOf('charge', 'auto')).toHaveLength(1);
  expect(warningsOf('delete', 'auto')[0]).toContain('delete');
  expect(warningsOf('delete', 'approve')).toEqual([]);
  expect(warningsOf('send', 'auto')).toEqual([]);
});
