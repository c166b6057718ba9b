import { z } from 'zod';
import { NOTICE_CHANNELS, NOTICE_STAGES, NOTICE_STATUSES } from '../../kernel/statuses.ts';

const URL_MAX = 2_048;
const yesOrNo = z.boolean({ error: 'write true or false' });

export const slackInput = z.strictObject({
  url: z
    .string({ error: 'write the address of the incoming webhook, such as https://hooks.slack.com/services/…' })
    .max(URL_MAX, `at most ${URL_MAX} characters`),
});

export const choicesInput = z.strictObject({ email: yesOrNo.optional(), push: yesOrNo.optional() });
export type ChoicesInput = z.infer<typeof choicesInput>;

const bytes = (length: number, what: string) =>
  z
    .string({ error: what })
    .refine((text) => /^[\w-]+={0,2}$/.test(text) && Buffer.from(text, 'base64url').length === length, {
      error: what,
    });

/** A browser's own `PushSubscription`, as JSON. */
export const pushSubscriptionInput = z.strictObject({
  endpoint: z
    .string({ error: 'write the address that the browser gives' })
    .max(URL_MAX, `at most ${URL_MAX} characters`),
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({
    p256dh: bytes(65, 'write the 65 bytes of the key in base64url, as the browser gives them'),
    auth: bytes(16, 'write the 16 bytes of the secret in base64url, as the browser gives them'),
  }),
});
export type PushSubscriptionInput = z.infer<typeof pushSubscriptionInput>;

export const noticeSettings = z.object({
  channels: z.object({
    email: z.boolean().describe('The operator has set up a server for it.'),
    slack: z.boolean().describe('The workspace has a channel.'),
    push: z.object({ public_key: z.string().describe('What a browser subscribes with.') }),
  }),
  mine: z.object({
    email: z.boolean(),
    push: z.boolean(),
    browsers: z.int().describe('How many browsers show notices.'),
  }),
});
export type NoticeSettings = z.infer<typeof noticeSettings>;

export const timelineView = z.object({
  told: z.array(
    z.object({
      channel: z.enum(NOTICE_CHANNELS),
      stage: z.enum(NOTICE_STAGES),
      user_id: z.string().nullable(),
      name: z.string().nullable(),
      status: z.enum(NOTICE_STATUSES).describe('`folded`: one notice tells of it and of others.'),
      error: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  ),
  opened: z.array(z.object({ user_id: z.string(), name: z.string(), at: z.iso.datetime() })),
});
export type TimelineView = z.infer<typeof timelineView>;
