import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { type Credential, insertUser } from '../users.ts';
import type { Verb } from '../verb.ts';
import { lockConfiguration } from '../workspaces/lock-configuration.ts';
import { findMember } from './read.ts';
import type { AddedMemberView, AddMemberInput } from './schemas.ts';

/**
 * Adds a person to the workspace by e-mail address. Somebody who has an account keeps their own name and
 * password; somebody new gets the given name and the initial password, which the answer holds once.
 * The password is made by the caller, because hashing it takes longer than a transaction should.
 */
export async function addMember(
  { tx, actor }: Verb,
  input: AddMemberInput,
  initial: Credential,
): Promise<AddedMemberView | Problem> {
  await lockConfiguration(tx);
  const created = await insertUser(tx.db, { email: input.email, name: input.name, passwordHash: initial.hash });
  const { id } =
    created ??
    (await tx.db.selectFrom('auth_users').select('id').where('email', '=', input.email).executeTakeFirstOrThrow());
  if (await findMember(tx, id)) return problem('conflict', `${input.email} is a member already.`);
  await tx.db
    .insertInto('workspace_members')
    .values({ tenant_id: tx.tenantId, user_id: id, role: input.role })
    .execute();
  await audit(tx, {
    event_type: 'member.added',
    actor,
    resource: { kind: 'member', id },
    outcome: 'added',
    after_state: { role: input.role },
    data: { new_account: created !== null },
  });
  const member = (await findMember(tx, id))!;
  return created === null ? member : { ...member, initial_password: initial.password };
}
