import { sql } from 'kysely';
import { findMember } from '../../identity/members/read.ts';
import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView, UpdateClientInput } from './schemas.ts';

/**
 * Changes a client. It gets another owner only when its present one has left the workspace: owners may not
 * decide dual approvals of their client, and handing it over must not be a way around that.
 */
export async function updateClient(
  { tx, actor }: Verb,
  { id, ifVersion, ...change }: UpdateClientInput & { readonly id: string; readonly ifVersion?: number | undefined },
): Promise<ClientView | Problem> {
  await lockConfiguration(tx);
  const before = await findClient(tx, id);
  if (before === undefined) return problem('not_found');
  if (before.status === 'revoked') return problem('conflict', 'The client has been revoked.');
  const refused = await refusedOwner({ tx, actor }, before, change.owner_user_id);
  if (refused) return refused;
  const { numUpdatedRows } = await tx.db
    .updateTable('integration_clients')
    .set({ ...change, version: sql`version + 1`, updated_at: tx.at })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .where('version', '=', ifVersion ?? before.version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return problem('version_mismatch');
  const client = (await findClient(tx, id))!;
  await audit(tx, {
    event_type: 'client.updated',
    actor,
    resource: { kind: 'client', id },
    outcome: 'updated',
    before_state: clientState(before),
    after_state: clientState(client),
  });
  return client;
}

async function refusedOwner(
  { tx }: Verb,
  client: ClientView,
  ownerId: string | undefined,
): Promise<Problem | undefined> {
  if (ownerId === undefined || ownerId === client.owner_user_id) return undefined;
  const complain = (message: string): Problem =>
    problem('invalid_request', `owner_user_id: ${message}`, [{ field: 'owner_user_id', message }]);
  if (await findMember(tx, client.owner_user_id)) {
    return complain('the present owner is still a member; a client is handed over when its owner has left');
  }
  return (await findMember(tx, ownerId)) ? undefined : complain('write the id of a member of this workspace');
}
