import { z } from 'zod';
import { filters, oneOf } from '../../kernel/filters.ts';
import { isId } from '../../kernel/ids.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { APPROVAL_STATUSES } from '../../kernel/statuses.ts';
import { prose } from '../../kernel/text.ts';

const yes = z.enum(['true'], { error: 'write true, or leave it out' }).optional();

export const listApprovalsQuery = z.strictObject({
  ...pageQuery('apv'),
  ...searched,
  status: oneOf(APPROVAL_STATUSES).optional(),
  tool: filters.tool,
  principal: z.string().max(64).optional().describe('The id of the client or member that asked.'),
  decidable: yes.describe('Only what you can decide now, and that can still succeed.'),
  mine: yes.describe('Only what you asked for, or a client that you registered.'),
  sort: oneOf(['newest', 'soonest']).default('newest').describe('soonest: what expires first comes first.'),
});

const reason = prose(2000).refine((text) => text !== '', { error: 'must not be empty when given' });
const displayed = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: 'must be the 64 hex digits of the payload_sha256 that was displayed' });

/** What a person sends to decide an approval. The hash ties the decision to the bytes that were on screen. */
export const decisionInput = z.strictObject({
  decision: z.enum(['granted', 'denied'], { error: 'must be "granted" or "denied"' }),
  reason: reason.optional(),
  payload_sha256: displayed,
});

const DENIED_AT_ONCE_MAX = 50;

/** Several that are denied with one reason. */
export const denyManyInput = z.strictObject({
  items: z
    .array(
      z.strictObject({
        id: z.string().refine((id): boolean => isId('apv', id), { error: "write an approval's id, apv_…" }),
        payload_sha256: displayed,
      }),
    )
    .min(1, 'at least one')
    .max(DENIED_AT_ONCE_MAX, `at most ${DENIED_AT_ONCE_MAX}`)
    .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, { error: 'name each approval once' }),
  reason,
});

export type DecisionInput = z.infer<typeof decisionInput>;
