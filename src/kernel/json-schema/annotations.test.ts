import { expect, test } from 'vitest';
import { annotatedValues, readAnnotations } from './annotations.ts';

const TRANSFER = {
  type: 'object',
  $defs: { address: { type: 'string', format: 'email' } },
  properties: {
    to: { type: 'array', items: { $ref: '#/$defs/address' } },
    cc: { anyOf: [{ $ref: '#/$defs/address' }, { type: 'null' }] },
    subject: { type: 'string', 'x-countersign': 'subject' },
    lines: { type: 'array', items: { type: 'object', properties: { 'net amount': { 'x-countersign': 'amount' } } } },
    currency: { enum: ['EUR', 'USD'], 'x-countersign': 'currency' },
    sms: { type: 'object', additionalProperties: { 'x-countersign': 'recipient' } },
    note: { not: { format: 'email' }, propertyNames: { format: 'email' } },
    id: { format: 'email', 'x-countersign': 'subject' },
  },
};

test('a schema tells where recipients, amounts, currencies and subjects are', () => {
  expect(readAnnotations(TRANSFER).map(({ role, path }) => `${role} ${path}`)).toEqual([
    'recipient $.to[*]',
    'recipient $.cc',
    'subject $.subject',
    'amount $.lines[*]["net amount"]',
    'currency $.currency',
    'recipient $.sms[*]',
    'subject $.id',
  ]);
  expect(readAnnotations({ type: 'object', properties: { a: { $ref: '#none' } } })).toEqual([]);
  expect(readAnnotations(null)).toEqual([]);
});

test('the marked values of a payload are found where they are, and only own members are', () => {
  const payload = {
    to: ['a@example.com', 'b@example.com'],
    lines: [{ 'net amount': 5 }, null],
    sms: { ann: '+49 1' },
    cc: null,
  };
  const values = annotatedValues(readAnnotations(TRANSFER), payload);
  expect(values.map(({ role, path, value }) => ({ role, path, value }))).toEqual([
    { role: 'recipient', path: '$.to[0]', value: 'a@example.com' },
    { role: 'recipient', path: '$.to[1]', value: 'b@example.com' },
    { role: 'recipient', path: '$.cc', value: null },
    { role: 'amount', path: '$.lines[0]["net amount"]', value: 5 },
    { role: 'recipient', path: '$.sms.ann', value: '+49 1' },
  ]);
  const inherited = readAnnotations({ type: 'object', properties: { toString: { 'x-countersign': 'subject' } } });
  expect(annotatedValues(inherited, {})).toEqual([]);
  const many = annotatedValues(readAnnotations(TRANSFER), { to: Array.from({ length: 5_000 }, () => 'x') });
  expect(many).toHaveLength(200);
});
