import { edit } from '../../identity/change.ts';
import { findMember } from '../../identity/members/read.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { fieldProblem } from '../config-check.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView, UpdateClientInput } from './schemas.ts';

/**
 * Changes a client. It gets another owner only when its present one has left the workspace: owners may not
 * decide dual approvals of their client, and handing it over must not be a way around that.
 */
export function updateClient(
  ctx: Verb,
  { id, ifVersion, ...given }: UpdateClientInput & { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ClientView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findClient(tx, id),
    async update(before) {
      if (before.status === 'revoked') return problem('conflict', 'The client has been revoked.');
      const refused = await refusedOwner(ctx, before, given.owner_user_id);
      return refused ?? updateVersion(tx, 'integration_clients', { id, version: ifVersion ?? before.version }, given);
    },
    event: { type: 'client.updated', kind: 'client', id, state: clientState },
  });
}

async function refusedOwner(
  { tx }: Verb,
  client: ClientView,
  ownerId: string | undefined,
): Promise<Problem | undefined> {
  if (ownerId === undefined || ownerId === client.owner_user_id) return undefined;
  if (await findMember(tx, client.owner_user_id)) {
    return fieldProblem(
      'owner_user_id',
      'the present owner is still a member; a client is handed over when its owner has left',
    );
  }
  if (await findMember(tx, ownerId)) return undefined;
  return fieldProblem('owner_user_id', 'write the id of a member of this workspace');
}
