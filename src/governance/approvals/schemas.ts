import { z } from 'zod';
import { prose } from '../../kernel/text.ts';

/** What a person sends to decide an approval. The hash ties the decision to the bytes that were on screen. */
export const decisionInput = z.strictObject({
  decision: z.enum(['granted', 'denied'], { error: 'must be "granted" or "denied"' }),
  reason: prose(2000)
    .refine((text) => text !== '', { error: 'must not be empty when given' })
    .optional(),
  payload_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'must be the 64 hex digits of the payload_sha256 that was displayed' }),
});

export type DecisionInput = z.infer<typeof decisionInput>;
