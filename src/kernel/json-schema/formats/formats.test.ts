import { expect, test } from 'vitest';
import { FORMATS } from './formats.ts';

const LENGTH = 1_000_000;
const HOSTILE = [
  ...[
    'a',
    '.',
    '-',
    '/',
    '~',
    '~0',
    '%41',
    '%',
    '{',
    '}',
    '{a',
    '{a,',
    'a.',
    ':',
    '::',
    '1:',
    '@',
    'a@',
    '"',
    '\\a',
    '[',
    '0',
    'P1',
  ],
  ...[
    'é',
    'é.',
    'xn--',
    'xn--a.',
    '\u200d',
    'क्\u200d',
    '。',
    '(',
    '(?:',
    '[a',
    'a|',
    '1Y',
    'T1H',
    '?',
    '#',
    '//',
    '\n',
    ' ',
  ],
].map((part) => part.repeat(Math.ceil(LENGTH / part.length)));
const STARTS = ['', 'http://', 'P', '0', '"', '{', '/', '2026-11-28T00:00:00.', '00:00:00.', 'a@'];

test.each([...FORMATS])(
  '%s looks at a text once: a long one gives its answer, and none is an error',
  (_name, format) => {
    for (const text of HOSTILE) {
      for (const start of STARTS) expect(format.holds(start + text)).toBeTypeOf('boolean');
      expect(format.weight?.(text.slice(0, 100)) ?? 1).toBeGreaterThan(0);
    }
  },
);

test.each([
  ['email', 'ann+tag@example.co.uk', true],
  ['email', 'ann@localhost', true],
  ['email', 'ann@xn--bcher-kva.example', true],
  ['email', `${'a'.repeat(65)}@example.com`, false],
  ['email', 'ann@example.com\n', false],
  ['email', 'ann\u0000@example.com', false],
  ['email', 'änn@example.com', false],
  ['idn-email', 'änn@bücher.example', true],
  ['idn-email', `${'ä'.repeat(33)}@example.com`, false],
  ['hostname', 'xn--bcher-kva.example', true],
  ['hostname', 'xn--a', false],
  ['hostname', 'b\u00fccher.example', false],
  ['idn-hostname', 'bücher.example', true],
  ['idn-hostname', 'Bücher.example', false],
  ['idn-hostname', '☃.example', false],
  ['uri', 'urn:isbn:0451450523', true],
  ['uri', 'http://[::1]:8080/', true],
  ['uri', 'http://[::1', false],
  ['uri', 'http://a b/', false],
  ['uri', 'javascript:alert(1)', true],
  ['uri-reference', '../a?b=c', true],
  ['ipv4', '127.0.0.1', true],
  ['ipv4', '127.0.0.01', false],
  ['ipv6', '1:2:3:4:5:6:7::', true],
  ['ipv6', '1:2:3:4:5:6:7:8::', false],
  ['ipv6', '::1%eth0', false],
  ['time', '23:59:60Z', true],
  ['regex', '(?<=a)b', true],
  ['regex', '(?i)b', false],
])('%s: %j is %s', (name, text, expected) => {
  expect(FORMATS.get(name)?.holds(text)).toBe(expected);
});
