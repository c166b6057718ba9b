import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { findGrant, grantState } from './read.ts';

/** Takes a grant back. What waits for approval under it can no longer be executed. */
export async function removeGrant(
  { tx, actor }: Verb,
  { clientId, id }: { readonly clientId: string; readonly id: string },
): Promise<undefined | Problem> {
  await lockConfiguration(tx);
  const grant = await findGrant(tx, clientId, id);
  if (grant === undefined) return problem('not_found');
  await tx.db.deleteFrom('grants').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute();
  await audit(tx, {
    event_type: 'policy.updated',
    actor,
    resource: { kind: 'grant', id },
    outcome: 'removed',
    before_state: grantState(grant),
    after_state: null,
  });
  return undefined;
}
