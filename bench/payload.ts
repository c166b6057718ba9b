/**
 * The arguments that every call of the benchmark carries: about 2 kB of the JSON that agents send, with some
 * structure, numbers, escapes and characters outside ASCII.
 */
export function payload(bytes = 2_000): Record<string, unknown> {
  const args = {
    subject: 'Your order A-1042: “refund” of 49.00 €',
    to: ['first@example.com', 'second@example.com'],
    priority: 3,
    urgent: false,
    amount: { value: 4900, currency: 'EUR', fee_rate: 0.029 },
    items: Array.from({ length: 8 }, (_, index) => ({
      sku: `SKU-${1000 + index}`,
      quantity: index + 1,
      price: 1999 + index,
      note: 'Line one\nLine "two"',
    })),
    metadata: { ticket: 'T-20931', channel: 'mail', locale: 'de-DE', trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-01' },
    body: '',
  };
  const sentence = 'We have asked for your refund; it takes up to five working days. ';
  const room = Math.max(0, bytes - Buffer.byteLength(JSON.stringify(args)));
  return { ...args, body: sentence.repeat(Math.ceil(room / sentence.length)).slice(0, room) };
}

/** The same, of any size, as many records. */
export function largePayload(bytes: number): Record<string, unknown> {
  return { records: Array.from({ length: Math.max(1, Math.floor(bytes / 2_000)) }, () => payload()) };
}

const text = (maxLength: number) => ({ type: 'string', maxLength });

/** The input schema of the benchmark's tools: what a careful author would write for such arguments. */
export const PAYLOAD_SCHEMA = {
  type: 'object',
  required: ['subject', 'to', 'body'],
  additionalProperties: false,
  properties: {
    subject: { ...text(200), minLength: 1 },
    to: { type: 'array', minItems: 1, maxItems: 20, items: text(254) },
    priority: { type: 'integer', minimum: 1, maximum: 5 },
    urgent: { type: 'boolean' },
    amount: {
      type: 'object',
      required: ['value', 'currency'],
      additionalProperties: false,
      properties: {
        value: { type: 'integer', minimum: 1, maximum: 10_000_000 },
        currency: { enum: ['EUR', 'USD', 'GBP'] },
        fee_rate: { type: 'number', minimum: 0, maximum: 1 },
      },
    },
    items: {
      type: 'array',
      maxItems: 100,
      items: {
        type: 'object',
        required: ['sku', 'quantity'],
        additionalProperties: false,
        properties: {
          sku: { ...text(64), pattern: '^[A-Z0-9-]+$' },
          quantity: { type: 'integer', minimum: 1 },
          price: { type: 'integer', minimum: 0 },
          note: text(500),
        },
      },
    },
    metadata: { type: 'object', additionalProperties: text(200) },
    body: text(50_000),
  },
};
