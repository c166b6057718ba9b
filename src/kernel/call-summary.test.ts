import { expect, test } from 'vitest';
import { summarize } from './call-summary.ts';
import type { Effect } from './codes.ts';
import { annotatedValues, compileSchema } from './json-schema.ts';
import type { JsonObject } from './strict-json.ts';

function told(name: string, effect: Effect, properties: Record<string, object>, args: JsonObject) {
  const compiled = compileSchema({ type: 'object', properties });
  if (!compiled.ok) throw new Error(`${compiled.path} ${compiled.reason}`);
  return summarize({ name, effect }, annotatedValues(compiled.annotations(), args), args);
}

const TO = { type: 'array', items: { type: 'string', format: 'email' } };
const TITLE = { type: 'string', 'x-countersign': 'subject' };
const CURRENCY = { type: 'string', 'x-countersign': 'currency' };
const amount = (mark?: object) => ({
  type: 'number',
  'x-countersign': 'amount',
  ...(mark && { 'x-countersign-amount': mark }),
});
const MINOR = amount({ unit: 'minor', currency: { field: 'currency' } });

test.each<[string, string, Effect, Record<string, object>, JsonObject]>([
  [
    'Refund 369.52 EUR · A-2996',
    'refunds.create',
    'charge',
    { amount: MINOR, currency: CURRENCY },
    { amount: 36952, currency: 'EUR', order_id: 'A-2996' },
  ],
  ['Send 1 e-mail to a@example.com', 'email.send', 'send', { to: TO }, { to: ['a@example.com'], subject: 'x' }],
  ['Send 1 e-mail to a@x.org and 2 more', 'send_email', 'send', { to: TO }, { to: ['a@x.org', 'b@x.org', 'c@x.org'] }],
  ['Send 1 e-mail to a@example.com', 'mail.send.create', 'send', { to: TO }, { to: ['a@example.com'] }],
  ['Publish page “Prices” · pricing', 'pages.publish', 'publish', { title: TITLE }, { title: 'Prices', id: 'pricing' }],
  ['Delete record · r_1', 'records.delete', 'delete', {}, { id: 'r_1' }],
  ['Pay 5 JPY', 'payments.create', 'charge', { amount: amount({ unit: 'minor', currency: 'JPY' }) }, { amount: 5 }],
  ['Charge 1.500 KWD', 'charge', 'charge', { v: amount({ unit: 'major', currency: 'KWD' }) }, { v: 1.5 }],
  [
    'Refund 36952 EUR (unit not stated)',
    'refunds.create',
    'charge',
    { amount: amount(), currency: CURRENCY },
    { amount: 36952, currency: 'EUR' },
  ],
  [
    'Refund 5 (minor units, currency not known)',
    'refunds.create',
    'charge',
    { amount: MINOR, currency: CURRENCY },
    { amount: 5, currency: 'ZZZ' },
  ],
  ['Call made.tool_1', 'made.tool_1', 'write', {}, { text: 'Hello' }],
])('%s', (summary, name, effect, properties, args) => {
  expect(told(name, effect, properties, args).summary).toBe(summary);
});

test('the subject says who and how much, cut to what a list can show', () => {
  const to = Array.from({ length: 5 }, (_, nth) => `${nth}${'x'.repeat(300)}@example.com`);
  const { subject, summary } = told('email.send', 'send', { to: TO, title: TITLE }, { to, title: 'A\0B' });
  expect(subject.recipient_count).toBe(5);
  expect(subject.recipients).toHaveLength(3);
  for (const one of subject.recipients) expect(one.length).toBeLessThanOrEqual(200);
  expect(subject).toMatchObject({ amount: null, title: 'A\u2400B' });
  expect(summary).not.toContain('\0');
});

test('what is no number or no text is left out, whatever its name', () => {
  const args = { amount: { deep: 1 }, id: ['x'], to: [null, true], title: {} } as unknown as JsonObject;
  const properties = { amount: MINOR, currency: CURRENCY, to: TO, title: TITLE };
  const { summary, subject } = told('things.change', 'write', properties, args);
  expect(summary).toBe('Change thing');
  expect(subject).toEqual({ recipients: [], recipient_count: 0, amount: null, title: null });
});
