import { z } from 'zod';
import { deny, isRefused, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { acceptInvitation } from '../invitations/accept.ts';
import { workspaceOfLink } from '../invitations/read.ts';
import { linkToken } from '../links/token.ts';
import { json, type Parts, type Serve } from '../parts.ts';
import { hashPassword } from '../passwords/hash.ts';
import { chosenPassword, refuseWeak } from '../passwords/rules.ts';
import { personName } from '../users.ts';
import { enter, enteredAnswer } from './enter.ts';
import { invitedBy, readLinkBody } from './links.ts';

const asSomebody = z.strictObject({ token: linkToken });
const asNewcomer = z.strictObject({ token: linkToken, name: personName, password: chosenPassword });

/** `POST /api/auth/invitation/accept {token}`: joins as the person signed in. */
export function acceptAsSomebody(parts: Parts): Serve {
  return async (asked) => {
    const given = await readLinkBody(parts, asked, asSomebody);
    if (isRefused(given)) return given;
    const person = await parts.person(asked.request.headers);
    if (person === null) return deny('unauthenticated', 'Sign in first.');
    const sha256 = sha256Hex(given.token);
    // A password that others know opens no other workspace than the one that knows it.
    const isKnownThere = person.passwordKnownIn === ((await workspaceOfLink(parts.store, sha256)) ?? '');
    if (person.mustChangePassword && !isKnownThere) return deny('password_change_required');
    const joined = await acceptInvitation(parts.store, sha256, { person, ip: asked.ip });
    if (isRefused(joined)) return joined;
    parts.log.info({ ip: asked.ip, userId: person.userId }, 'invitation accepted');
    return json({ workspace_id: uuidToId('org', joined.tenantId) });
  };
}

/** `POST /api/auth/invitation/join {token, name, password}`: makes the invited address's account, joins and signs in. */
export function joinAsNewcomer(parts: Parts): Serve {
  return async (asked) => {
    const given = await readLinkBody(parts, asked, asNewcomer);
    if (isRefused(given)) return given;
    const { token, name, password } = given;
    const sha256 = sha256Hex(token);
    const invited = await invitedBy(parts, sha256);
    if (invited === undefined) return problem('link_invalid');
    const weak = await refuseWeak('password', password, [invited.email, name]);
    if (weak) return weak;
    const passwordHash = await hashPassword(password);
    const joined = await acceptInvitation(parts.store, sha256, { name, passwordHash, ip: asked.ip });
    if (isRefused(joined)) return joined;
    parts.log.info({ ip: asked.ip, userId: joined.userId }, 'invitation accepted by a new person');
    const entered = await enter(parts, asked, { email: invited.email, password, rememberMe: true });
    return enteredAnswer(entered, { workspace_id: uuidToId('org', joined.tenantId) });
  };
}
