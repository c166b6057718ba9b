import { expect, test } from 'vitest';
import { type FieldRow, faultOf, namesIn, newRow, schemaOf, toolNameOf } from './schema-of.ts';

const row = (change: Partial<FieldRow>): FieldRow => ({ ...newRow(0), ...change });

test('rows become a closed schema: types, required ones, and marks; a list is marked by its items', () => {
  const rows = [
    row({ key: 1, name: 'to', type: 'emails', mark: 'recipient' }),
    row({ key: 2, name: 'amount', type: 'integer', mark: 'amount', currency: 'eur' }),
    row({ key: 3, name: ' note ', required: false }),
    row({ key: 4, name: '' }),
  ];
  expect(schemaOf(rows)).toEqual({
    type: 'object',
    properties: {
      to: {
        type: 'array',
        items: { type: 'string', format: 'email', 'x-countersign': 'recipient' },
        minItems: 1,
        maxItems: 50,
      },
      amount: {
        type: 'integer',
        'x-countersign': 'amount',
        'x-countersign-amount': { unit: 'minor', currency: 'EUR' },
      },
      note: { type: 'string', maxLength: 10_000 },
    },
    required: ['to', 'amount'],
    additionalProperties: false,
  });
});

test('a name given twice and an amount that is no number are said', () => {
  const twice = [row({ key: 1, name: 'to' }), row({ key: 2, name: 'to ' })];
  expect(faultOf(twice[0]!, twice)).toMatch(/another field/);
  expect(faultOf(row({ name: 'a', mark: 'amount' }), [])).toMatch(/number/);
  expect(faultOf(row({ name: 'a' }), [])).toBeUndefined();
});

test('a path names its arguments and the operation', () => {
  expect(namesIn('/orders/{id}/lines/{line}/{id}')).toEqual(['id', 'line']);
  expect(toolNameOf('POST', '/v2/orders')).toBe('orders.create');
  expect(toolNameOf('DELETE', '/v1/Customer-Data/{id}')).toBe('customer_data.delete');
  expect(toolNameOf('GET', '/')).toBe('read');
});
