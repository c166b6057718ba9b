import { expect, test } from 'vitest';
import { APPROVAL_STATUSES, EXECUTION_STATUSES } from '../../../src/kernel/statuses.ts';
import { stateWord, wordOfApproval } from './badge.tsx';

const CALLS = ['Waiting', 'Running', 'Executed', 'Failed', 'Refused', 'Unknown', 'Cancelled'];

test('every state of a call has its word', () => {
  expect(new Set(EXECUTION_STATUSES.map(stateWord))).toEqual(new Set(CALLS));
});

test('a used approval is called what its call is called, and never “used”', () => {
  const word = (status: (typeof APPROVAL_STATUSES)[number], call: string) =>
    wordOfApproval({ status, execution: { status: call } });
  expect(['executed', 'failed', 'denied', 'unknown', 'running'].map((call) => word('consumed', call))).toEqual([
    'Executed',
    'Failed',
    'Refused',
    'Unknown',
    'Running',
  ]);
  expect(word('approved', 'pending_approval')).toBe('Approved');
  expect(word('approved', 'denied')).toBe('Refused');
  expect(word('pending', 'pending_approval')).toBe('Waiting');
  const all = APPROVAL_STATUSES.flatMap((status) => EXECUTION_STATUSES.map((call) => word(status, call)));
  expect(new Set(all)).toEqual(new Set([...CALLS, 'Approved', 'Denied', 'Expired', 'Superseded']));
});

test('the server’s words for calls are the same', () => {
  expect([stateWord('waiting'), stateWord('refused')]).toEqual(['Waiting', 'Refused']);
});
