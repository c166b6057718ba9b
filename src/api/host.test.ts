import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { readSettings } from '../settings.ts';
import { hostGuard } from './host.ts';

const guard = hostGuard(
  readSettings({
    HOST: 'gate.lan',
    COUNTERSIGN_PUBLIC_URL: 'https://gate.example.com',
    COUNTERSIGN_ALLOWED_HOSTS: 'gate.internal, Proxy.lan:8443',
  }),
);

const asked = (host: string | undefined, url = '/') =>
  guard({
    url,
    headers: host === undefined ? {} : { host },
    rawHeaders: host === undefined ? [] : ['Host', host],
  } as unknown as IncomingMessage);

test.each([
  'gate.example.com',
  'GATE.example.com',
  'gate.example.com:443',
  'gate.example.com.',
  'gate.internal',
  'gate.internal:8080',
  'proxy.lan:8443',
  'gate.lan:3000',
  'localhost',
  'localhost:5173',
  'demo.localhost:3000',
  '127.0.0.1',
  '[::1]:3000',
  '10.1.2.3:3000',
  undefined,
])('the host %s is ours', (host) => {
  expect(asked(host)).toBeUndefined();
});

test.each([
  'evil.example',
  'evil.example:443',
  'gate.example.com.evil.example',
  'localhost.evil.example',
  'notlocalhost',
  'proxy.lan',
  'proxy.lan:1',
  '127.0.0.1.evil.example',
  '2130706433.evil',
])('the host "%s" is refused', (host) => {
  expect(asked(host)?.code).toBe('misdirected_request');
  // Also right behind one that is ours.
  expect(asked('localhost')).toBeUndefined();
  expect(asked(host)?.code).toBe('misdirected_request');
});

test('a request line that names another host is refused, and one that names ours is not', () => {
  expect(asked('localhost', 'http://evil.example/v1/me')?.code).toBe('misdirected_request');
  expect(asked('localhost', 'http://localhost:3000/v1/me')).toBeUndefined();
});

test.each(['', 'a b', 'evil.example#gate.example.com', 'user@gate.example.com', 'gate.example.com/'])(
  'the host "%s" is none',
  (host) => {
    expect(asked(host)?.code).toBe('malformed_request');
  },
);
