import { z } from 'zod';
import { isRefused, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { purposeOf } from '../links/one-time.ts';
import { linkToken } from '../links/token.ts';
import type { Parts, Serve } from '../parts.ts';
import { hashPassword } from '../passwords/hash.ts';
import { chosenPassword, refuseWeak } from '../passwords/rules.ts';
import { emailAddress, personName } from '../users.ts';
import { found } from '../workspaces/found.ts';
import { slug, workspaceName } from '../workspaces/schemas.ts';
import { enter, enteredAnswer } from './enter.ts';
import { readLinkBody } from './links.ts';

const body = z.strictObject({
  token: linkToken,
  email: emailAddress,
  name: personName,
  password: chosenPassword,
  workspace: z.strictObject({ slug, name: workspaceName }),
});

/** `POST /api/auth/setup`: makes the owner and the first workspace of an empty installation, and signs the owner in. */
export function setUp(parts: Parts): Serve {
  return async (asked) => {
    const given = await readLinkBody(parts, asked, body);
    if (isRefused(given)) return given;
    const { token, email, name, password, workspace } = given;
    const link = sha256Hex(token);
    if ((await purposeOf(parts.store, link)) !== 'setup') return problem('link_invalid');
    const weak = await refuseWeak('password', password, [email, name, workspace.name]);
    if (weak) return weak;
    const owner = { email, name, passwordHash: await hashPassword(password) };
    const founded = await found(parts.store, { owner, workspace, link, ip: asked.ip });
    if (isRefused(founded)) return founded;
    parts.log.info({ ip: asked.ip, userId: founded.ownerUserId }, 'set up');
    const entered = await enter(parts, asked, { email, password, rememberMe: true });
    return enteredAnswer(entered, { workspace_id: founded.workspace.id });
  };
}
