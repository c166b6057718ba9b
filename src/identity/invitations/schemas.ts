import { z } from 'zod';
import { pageQuery } from '../../kernel/page.ts';
import { givenRole } from '../members/schemas.ts';
import { emailAddress } from '../users.ts';

export const INVITATION_HOURS = 72;
const INVITATION_HOURS_MAX = 168;
/** Open invitations of one workspace. */
export const INVITATIONS_MAX = 500;

export const inviteInput = z.strictObject({
  email: emailAddress,
  role: givenRole,
  expires_in_hours: z
    .int('write a whole number of hours')
    .min(1, 'at least 1 hour')
    .max(INVITATION_HOURS_MAX, `at most ${INVITATION_HOURS_MAX} hours (a week)`)
    .default(INVITATION_HOURS),
});
export type InviteInput = z.infer<typeof inviteInput>;

export const listInvitationsQuery = z.strictObject(pageQuery('inv'));

export const invitationView = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'member', 'viewer']),
  status: z.enum(['pending', 'expired']),
  invited_by: z.object({ id: z.string(), name: z.string() }),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type InvitationView = z.infer<typeof invitationView>;

export const madeInvitationView = invitationView.extend({
  link: z.string().describe('For the person invited, and only in this answer. It can be used once.'),
});
export type MadeInvitationView = z.infer<typeof madeInvitationView>;
