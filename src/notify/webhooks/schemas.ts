import { z } from 'zod';
import { oneOf } from '../../kernel/filters.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { DELIVERY_STATUSES, ENDPOINT_STATUSES } from '../../kernel/statuses.ts';
import { prose } from '../../kernel/text.ts';
import { EVENT_TYPES } from '../../ledger/events.ts';

const URL_MAX = 2_048;
const FILTERS_MAX = 100;
export const ENDPOINTS_MAX = 2_000;

const FAMILIES = [...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0]}.*`))];
const KNOWN: ReadonlySet<string> = new Set(['*', ...FAMILIES, ...EVENT_TYPES]);

const url = z
  .string({ error: 'write the address that events are sent to, such as https://example.com/hooks' })
  .max(URL_MAX, `at most ${URL_MAX} characters`);
const events = z
  .array(
    z.string().refine((text) => KNOWN.has(text), {
      error: 'write an event such as approval.granted, a family such as approval.*, or * for all',
    }),
    { error: 'write a list of events' },
  )
  .min(1, 'name at least one event, or * for all')
  .max(FILTERS_MAX, `at most ${FILTERS_MAX}`)
  .transform((list) => [...new Set(list)].sort());

export const createEndpointInput = z.strictObject({ url, events, description: prose(500).default('') });
export type CreateEndpointInput = z.infer<typeof createEndpointInput>;

export const updateEndpointInput = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  description: prose(500).optional(),
  status: oneOf(ENDPOINT_STATUSES).optional(),
});
export type UpdateEndpointInput = z.infer<typeof updateEndpointInput>;

export const listEndpointsQuery = z.strictObject({
  ...pageQuery('whk'),
  ...searched,
  status: oneOf(ENDPOINT_STATUSES).optional(),
});
export type ListEndpointsQuery = z.infer<typeof listEndpointsQuery>;

export const listDeliveriesQuery = z.strictObject({
  ...pageQuery('dlv'),
  status: oneOf(DELIVERY_STATUSES).optional(),
  event: z.string().max(64).optional().describe('An event type, such as approval.granted.'),
});
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;

export const endpointView = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  events: z.array(z.string()),
  status: z.enum(ENDPOINT_STATUSES),
  disabled_because: z
    .enum(['member', 'gone', 'failing'])
    .nullable()
    .describe('`gone`: it answered 410. `failing`: every attempt failed for five days.'),
  failing_since: z.iso.datetime().nullable().describe('Since when every attempt has failed.'),
  last_success_at: z.iso.datetime().nullable(),
  pending: z.int().describe('Deliveries that are on their way.'),
  missed: z.int().describe('Events that were not queued because too many deliveries were on their way already.'),
  old_secret_until: z.iso.datetime().nullable().describe('Until when the secret before the present one signs, too.'),
  version: z.int(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type EndpointView = z.infer<typeof endpointView>;

export const createdEndpointView = endpointView.extend({
  secret: z.string().describe('Signs every delivery (Standard Webhooks). Shown this once.'),
});
export type CreatedEndpointView = z.infer<typeof createdEndpointView>;

export const attemptView = z.object({
  at: z.iso.datetime(),
  duration_ms: z.int(),
  status: z.int().nullable().describe('The HTTP status of the answer; null where there was none.'),
  error: z.string().nullable().describe('Why it failed; null where it got through.'),
  answer: z.string().nullable().describe('The first kilobyte of the answer.'),
});
export type AttemptView = z.infer<typeof attemptView>;

export const deliveryView = z.object({
  id: z.string().describe('The `webhook-id` of every attempt.'),
  webhook_id: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.array(attemptView),
  next_attempt_at: z.iso.datetime().nullable(),
  origin_id: z.string().nullable().describe('The delivery that was sent again.'),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryDetail = deliveryView.extend({ body: z.string().describe('What is sent, byte for byte.') });
export type DeliveryDetail = z.infer<typeof deliveryDetail>;
