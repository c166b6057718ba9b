import { expect, test } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

const asked = new URL('http://127.0.0.1:3000/v1/clients');
const publicUrl = 'https://gate.example.com/app';

test.each([
  ['a tool that says nothing', {}, true],
  ['a page of the host that was asked', { origin: 'http://127.0.0.1:3000' }, true],
  ['a page of the public URL, behind a proxy', { origin: 'https://gate.example.com' }, true],
  ['a same-origin fetch', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }, true],
  ['an address typed by a person', { 'sec-fetch-site': 'none' }, true],
  ['another site', { origin: 'https://evil.example' }, false],
  ['another port', { origin: 'http://127.0.0.1:3001' }, false],
  ['another scheme', { origin: 'http://gate.example.com' }, false],
  ['a sandboxed page', { origin: 'null' }, false],
  ['a sibling of the site', { origin: 'https://gate.example.com', 'sec-fetch-site': 'same-site' }, false],
  ['a cross-site form without an origin', { 'sec-fetch-site': 'cross-site' }, false],
] as const)('%s', (_name, headers, expected) => {
  expect(isSameOrigin(new Headers(headers), asked, publicUrl)).toBe(expected);
});
