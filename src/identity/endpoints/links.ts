import { z } from 'zod';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { takeLink } from '../attempts.ts';
import { clientNetwork } from '../client-network.ts';
import { type Invited, readInvited, workspaceOfLink } from '../invitations/read.ts';
import { personOf, purposeOf } from '../links/one-time.ts';
import { linkToken } from '../links/token.ts';
import { type Asked, json, type Parts, type Serve } from '../parts.ts';
import { readSignInBody } from '../sign-in-body.ts';

const body = z.strictObject({ token: linkToken });

/** `POST /api/auth/link {token}`: what a one-time link is for, while it works. */
export function lookAtLink(parts: Parts): Serve {
  return async (asked) => {
    const given = await readLinkBody(parts, asked, body);
    if (isRefused(given)) return given;
    const sha256 = sha256Hex(given.token);
    const invited = await invitedBy(parts, sha256);
    if (invited) {
      const { email, role, workspace, invitedBy: invited_by, expires_at } = invited;
      return json({ kind: 'invitation', email, role, workspace, invited_by, expires_at });
    }
    const purpose = await purposeOf(parts.store, sha256);
    if (purpose === 'setup') return json({ kind: 'setup' });
    const userId = personOf(purpose);
    if (userId === undefined) return problem('link_invalid');
    const { email } = await parts.store.people
      .selectFrom('auth_users')
      .select('email')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow();
    return json({ kind: 'password', email });
  };
}

/** Counts the request by its network, then reads its body. */
export async function readLinkBody<T>(
  { limiter }: Parts,
  { request, ip }: Asked,
  schema: z.ZodType<T>,
): Promise<T | Problem> {
  return (await takeLink(limiter, clientNetwork(ip))) ?? (await readSignInBody(request, schema));
}

/** The invitation that a link is for, while it can be accepted. */
export async function invitedBy({ store }: Parts, sha256: string): Promise<Invited | undefined> {
  const tenantId = await workspaceOfLink(store, sha256);
  return tenantId === undefined ? undefined : store.withTenant(tenantId, (tx) => readInvited(tx, sha256));
}
