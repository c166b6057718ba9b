import { expect, test } from 'vitest';
import { checkAddress, checkHost, readUrl } from './egress-guard.ts';
import { HOSTILE } from './hostile-targets.fixture.ts';

/** What the guard says of a URL before any lookup. */
function judge(url: string) {
  const destination = readUrl(url);
  return destination.ok ? (checkHost(destination.hostname, destination.port, false) ?? destination) : destination;
}

for (const [reason, urls] of HOSTILE) {
  test.each(urls)(`%j is blocked: ${reason}`, (url) => {
    expect(judge(url)).toMatchObject({ ok: false, reason });
  });
}

test.each([
  ['https://api.example.com/v1', 'https://api.example.com', 443, '/v1'],
  ['http://API.Example.com', 'http://api.example.com', 80, ''],
  ['https://api.example.com:8443/', 'https://api.example.com:8443', 8443, '/'],
  ['http://xn--mnchen-3ya.example/', 'http://xn--mnchen-3ya.example', 80, '/'],
  ['http://snake_case.example/', 'http://snake_case.example', 80, '/'],
  ['http://1.1.1.1:8080/', 'http://1.1.1.1:8080', 8080, '/'],
  ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]', 80, '/'],
  ['http://[2606:4700::1111]:8080/a?b', 'http://[2606:4700::1111]:8080', 8080, '/a?b'],
  ['http://localhost.example.com/', 'http://localhost.example.com', 80, '/'],
  ['http://internal-api.example/', 'http://internal-api.example', 80, '/'],
])('%s may be reached', (url, origin, port, rest) => {
  expect(judge(url)).toMatchObject({ ok: true, origin, port, rest });
});

test('an exception lifts loopback and private addresses, never metadata or link-local ones', () => {
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '100.64.0.1', 'fd12::1', '8.8.8.8']) {
    expect(checkAddress(address, true), address).toBeNull();
  }
  for (const address of [
    '169.254.169.254',
    'fd00:ec2::254',
    '100.100.100.200',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '::7f00:1',
  ]) {
    expect(checkAddress(address, true), address).toMatchObject({ ok: false });
  }
});

test('the sentence of a refusal never repeats the destination', () => {
  const refused = readUrl('http://user:hunter2@a.example/');
  expect(JSON.stringify(refused)).not.toMatch(/hunter2|a\.example/);
});
