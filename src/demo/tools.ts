import type { Policy } from '../kernel/codes.ts';
import type { CreateToolInput } from '../registry/tools/schemas.ts';

type DemoTool = Omit<CreateToolInput, 'connector_id' | 'labels'> & { readonly policy: Policy | null };

const text = (maxLength: number, extra: object = {}) => ({ type: 'string', minLength: 1, maxLength, ...extra });

/** One tool of every policy over the demo's upstream; `policy: null` is there and granted to nobody. */
export const DEMO_TOOLS: readonly DemoTool[] = [
  {
    name: 'help.search',
    description: 'Searches the help articles.',
    effect: 'read',
    policy: 'auto',
    input_schema: { type: 'object', required: ['q'], additionalProperties: false, properties: { q: text(200) } },
    handler_kind: 'http',
    handler_config: { method: 'GET', path: '/search' },
  },
  {
    name: 'email.send',
    description: 'Sends one e-mail.',
    effect: 'send',
    policy: 'approve',
    input_schema: {
      type: 'object',
      required: ['to', 'subject', 'body'],
      additionalProperties: false,
      properties: {
        to: {
          type: 'array',
          minItems: 1,
          maxItems: 20,
          items: text(254, { format: 'idn-email', 'x-countersign': 'recipient' }),
        },
        subject: text(200, { 'x-countersign': 'subject' }),
        body: text(50_000),
      },
    },
    handler_kind: 'http',
    handler_config: { method: 'POST', path: '/mail/send' },
  },
  {
    name: 'refunds.create',
    description: 'Pays money back for an order.',
    effect: 'charge',
    policy: 'approve-dual',
    input_schema: {
      type: 'object',
      required: ['order_id', 'amount', 'currency', 'reason'],
      additionalProperties: false,
      properties: {
        order_id: text(64, { pattern: '^[A-Za-z0-9-]+$' }),
        amount: {
          type: 'integer',
          minimum: 1,
          maximum: 10_000_000,
          description: 'In minor units, such as cents.',
          'x-countersign': 'amount',
          'x-countersign-amount': { unit: 'minor', currency: { field: 'currency' } },
        },
        currency: { enum: ['EUR', 'USD', 'GBP'], 'x-countersign': 'currency' },
        reason: text(500),
      },
    },
    handler_kind: 'http',
    handler_config: { method: 'POST', path: '/refunds' },
  },
  {
    name: 'pages.publish',
    description: 'Publishes a page.',
    effect: 'publish',
    policy: 'approve',
    input_schema: {
      type: 'object',
      required: ['id', 'title', 'body'],
      additionalProperties: false,
      properties: {
        id: text(64, { pattern: '^[a-z0-9-]+$' }),
        title: text(200, { 'x-countersign': 'subject' }),
        body: text(100_000),
      },
    },
    handler_kind: 'http',
    handler_config: { method: 'POST', path: '/pages/{id}' },
  },
  {
    name: 'records.delete',
    description: 'Deletes a record for good.',
    effect: 'delete',
    policy: null,
    input_schema: {
      type: 'object',
      required: ['id'],
      additionalProperties: false,
      properties: { id: text(64, { pattern: '^[A-Za-z0-9_-]+$' }) },
    },
    handler_kind: 'http',
    handler_config: { method: 'DELETE', path: '/records/{id}' },
  },
  {
    name: 'notes.draft',
    description: 'Keeps a note; nothing leaves the gateway.',
    effect: 'draft',
    policy: 'auto',
    input_schema: {
      type: 'object',
      required: ['text'],
      additionalProperties: false,
      properties: { text: text(10_000) },
    },
    handler_kind: 'noop',
    handler_config: {},
  },
];
