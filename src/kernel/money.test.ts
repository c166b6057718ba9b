import { expect, test } from 'vitest';
import { compileSchema } from './json-schema.ts';
import { amountOf, decimalsOf, isCurrency } from './money.ts';

test.each([
  [36952, 'minor', 'EUR', '369.52 EUR'],
  [5, 'minor', 'EUR', '0.05 EUR'],
  [-5, 'minor', 'EUR', '-0.05 EUR'],
  [0, 'minor', 'EUR', '0.00 EUR'],
  [100000, 'minor', 'JPY', '100000 JPY'],
  [36952, 'minor', 'KWD', '36.952 KWD'],
  [369.5, 'major', 'EUR', '369.50 EUR'],
  [369.525, 'major', 'EUR', '369.525 EUR'],
  [1e21, 'major', 'EUR', '1000000000000000000000.00 EUR'],
  [1e-7, 'major', 'EUR', '0.0000001 EUR'],
  ['0369.50', 'major', 'EUR', '369.50 EUR'],
  [36952, null, undefined, '36952 (unit not stated)'],
  [36952, null, 'EUR', '36952 EUR (unit not stated)'],
  [36952, 'minor', 'euro', '36952 (minor units, currency not known)'],
] as const)('%s %s %s is %s', (value, unit, currency, text) => {
  expect(amountOf(value, unit, currency)?.text).toBe(text);
});

test.each(['12 EUR', '', '1,5', null, true, {}])('%s is no amount', (value) => {
  expect(amountOf(value, 'minor', 'EUR')).toBeUndefined();
});

test('decimals are those of ISO 4217', () => {
  expect([decimalsOf('EUR'), decimalsOf('JPY'), decimalsOf('KWD'), decimalsOf('CLF')]).toEqual([2, 0, 3, 4]);
  expect(isCurrency('EUR')).toBe(true);
  expect(isCurrency('eur')).toBe(false);
});

const schema = (mark: unknown, more: object = {}) => ({
  type: 'object',
  properties: { amount: { 'x-countersign': 'amount', 'x-countersign-amount': mark, ...more }, currency: {} },
});

test('an amount is checked when its schema is saved', () => {
  expect(compileSchema(schema({ unit: 'minor', currency: 'EUR' }))).toMatchObject({ ok: true });
  expect(compileSchema(schema({ unit: 'major', currency: { field: 'currency' } }))).toMatchObject({ ok: true });
  for (const mark of [
    'minor',
    {},
    { unit: 'cents', currency: 'EUR' },
    { unit: 'minor' },
    { unit: 'minor', currency: 'euro' },
    { unit: 'minor', currency: 'EUR', more: 1 },
    { unit: 'minor', currency: { field: 1 } },
  ]) {
    expect(compileSchema(schema(mark))).toMatchObject({
      ok: false,
      path: '$.properties.amount["x-countersign-amount"]',
      reason: expect.stringContaining('ISO 4217'),
    });
  }
  expect(compileSchema(schema({ unit: 'minor', currency: { field: 'coin' } }))).toMatchObject({
    ok: false,
    path: '$.properties.amount["x-countersign-amount"].currency.field',
  });
  expect(compileSchema(schema({ unit: 'minor', currency: 'EUR' }, { 'x-countersign': 'subject' }))).toMatchObject({
    ok: false,
    reason: expect.stringContaining('beside'),
  });
});
