import { expect, test } from 'vitest';
import { passwordWeakness } from './strength.ts';

test.each([
  'aaaaaaaaaa',
  'password123',
  'passwordpassword',
  '1234567890',
  'qwertyuiop',
  '1qaz2wsx3edc',
  'abcdefghijkl',
  'letmeinletmein',
  'iloveyou123',
  'countersign1',
  'ab'.repeat(64),
  // Long, and its beginning is common.
  'password'.repeat(16),
  'ada.lovelace@example.com',
  'lovelace1815',
])('%s is refused', async (password) => {
  expect(await passwordWeakness(password, ['ada.lovelace@example.com', 'Ada Lovelace'])).toMatch(/easy to guess/);
});

test.each(['seven brass lanterns', 'Xk29fm3nPq-t', '正しい馬の電池ホチキス', 'Ω≈ç√∫˜µ≤≥÷'])(
  '%s is taken',
  async (password) => {
    expect(await passwordWeakness(password, ['ada@example.com'])).toBeNull();
  },
);
