import { expect, test } from 'vitest';
import { pathAfterSignIn } from './sign-in-path.ts';

const origin = 'https://gate.example.com';

test.each([
  ['/w/demo/inbox/apv_1?status=pending#x', '/w/demo/inbox/apv_1?status=pending#x'],
  ['/', '/'],
  [undefined, '/'],
  ['', '/'],
  ['//evil.example/w', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['w/demo', '/'],
  ['/sign-in?to=/w', '/'],
])('%s leads to %s', (to, expected) => {
  expect(pathAfterSignIn(to, origin)).toBe(expected);
});
