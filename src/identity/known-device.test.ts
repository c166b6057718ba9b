import { expect, test } from 'vitest';
import { deviceCookieName, knownDevice, markDevice } from './known-device.ts';

const devices = { name: deviceCookieName(false), secret: 'a secret of more than thirty-two characters', secure: false };
const at = new Date('2026-06-01T12:00:00Z');
const days = (count: number) => new Date(at.getTime() + count * 86_400_000);
const pairOf = (setCookie: string) => setCookie.split(';')[0]!;
const markFor = (email: string, cookies: string | null = null, when = at) =>
  pairOf(markDevice(cookies, devices, email, when));

test('a device is known to the address it was signed in with, and to no other', () => {
  const cookies = `theme=dark; ${markFor('ada@example.com')}`;
  expect(knownDevice(cookies, devices, 'ada@example.com', at)).toMatch(/^\w{22}$/);
  expect(knownDevice(cookies, devices, 'eve@example.com', at)).toBeNull();
  expect(knownDevice(null, devices, 'ada@example.com', at)).toBeNull();
});

test('a mark is forgotten after 180 days without a sign-in, and keeps its nonce with one', () => {
  const first = markFor('ada@example.com');
  expect(knownDevice(first, devices, 'ada@example.com', days(179))).not.toBeNull();
  expect(knownDevice(first, devices, 'ada@example.com', days(181))).toBeNull();
  const later = markFor('ada@example.com', first, days(100));
  const nonce = knownDevice(first, devices, 'ada@example.com', at);
  expect(knownDevice(later, devices, 'ada@example.com', days(250))).toBe(nonce);
});

test('five people share a device; the one who used it longest ago is forgotten', () => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@example.com`);
  const cookies = people.reduce<string | null>((sofar, email) => markFor(email, sofar), null);
  expect(people.map((email) => knownDevice(cookies, devices, email, at) !== null)).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
});

test.each([
  ["another secret's", (mark: string) => mark, { ...devices, secret: `${devices.secret}!` }],
  ['a cut one', (mark: string) => mark.slice(0, -1), devices],
  ['a later day', (mark: string) => mark.replace(/~(\d+)~/, (_, day) => `~${Number(day) + 1}~`), devices],
  ['another nonce', (mark: string) => mark.replace(/=.{3}/, '=___'), devices],
  ['nonsense', () => `${devices.name}=x~y~z`, devices],
  ['broken percent-encoding', () => `${devices.name}=%zz`, devices],
])('%s is no mark', (_name, bend, reader) => {
  expect(knownDevice(bend(markFor('ada@example.com')), reader, 'ada@example.com', at)).toBeNull();
});

test('over TLS the cookie is Secure', () => {
  const secure = { ...devices, name: deviceCookieName(true), secure: true };
  expect(markDevice(null, secure, 'ada@example.com', at)).toMatch(/^__Secure-countersign\.device=.*; Secure$/);
});
