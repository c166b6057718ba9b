import { expect, test } from 'vitest';
import { describedAt, markedValues, parseEnvelope, rolesAt, sha256Hex } from './envelope.ts';

const highlights = [
  { role: 'recipient', steps: ['to', null] },
  { role: 'recipient', steps: ['to', null] },
  { role: 'amount', steps: ['refund', 'amount'] },
  { role: 'subject', steps: ['missing'] },
];
const payload = { to: ['a@example.com', 'b@example.com'], refund: { amount: 12.5 } };

test('reads the marked values from the payload, each place once', () => {
  expect(markedValues(highlights, payload)).toEqual([
    { role: 'recipient', value: 'a@example.com', path: ['to', '0'], mark: highlights[0] },
    { role: 'recipient', value: 'b@example.com', path: ['to', '1'], mark: highlights[0] },
    { role: 'amount', value: 12.5, path: ['refund', 'amount'], mark: highlights[2] },
  ]);
});

test('a mark that leads to inherited members finds nothing', () => {
  expect(
    markedValues(
      [
        { role: 'amount', steps: ['constructor'] },
        { role: 'amount', steps: ['to', 'length', 'x'] },
      ],
      payload,
    ),
  ).toEqual([]);
});

test('says which roles a place has', () => {
  expect(rolesAt(highlights, ['to', 1])).toEqual(['recipient']);
  expect(rolesAt(highlights, ['to'])).toEqual([]);
});

test('hashes the UTF-8 bytes of the text', async () => {
  expect(await sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(parseEnvelope('{"a":"é"}')).toEqual({ a: 'é' });
});

test('finds what the schema says about a marked place', () => {
  const schema = {
    properties: { refund: { properties: { amount: { description: 'In cents.' } } }, to: { items: { type: 'string' } } },
  };
  expect(describedAt(schema, ['refund', 'amount'])).toBe('In cents.');
  expect(describedAt(schema, ['to', null])).toBe('');
  expect(describedAt(schema, ['elsewhere', null, 'x'])).toBe('');
});
