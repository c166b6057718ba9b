import type { Verb } from '../../identity/verb.ts';
import { lockConfiguration } from '../../identity/workspaces/lock-configuration.ts';
import { audit } from '../../ledger/audit.ts';
import type { ClearLabelsInput } from './schemas.ts';

/**
 * Takes labels off a client's runs, because somebody knows that what they warn of is over: the agent has forgotten what it
 * read, or it was harmless. It moves the facts (run_labels_of.sql), so that a call on its way is ruled on again.
 */
export async function clearRunLabels(
  { tx, actor }: Verb,
  { clientId, run_id: runId, token_id: tokenId, reason }: ClearLabelsInput & { readonly clientId: string },
): Promise<{ readonly cleared: number }> {
  await lockConfiguration(tx);
  let query = tx.db
    .deleteFrom('run_labels')
    .where('tenant_id', '=', tx.tenantId)
    .where('principal_id', '=', clientId)
    .returning(['run', 'labels']);
  if (runId !== undefined) query = query.where('run', '=', `run:${runId}`);
  if (tokenId !== undefined) query = query.where('run', '=', `open:${tokenId}`);
  const gone = await query.execute();
  await audit(tx, {
    actor,
    event_type: 'run.labels_cleared',
    resource: { kind: 'client', id: clientId },
    outcome: 'cleared',
    data: {
      ...(runId !== undefined && { run_id: runId }),
      ...(tokenId !== undefined && { token_id: tokenId }),
      labels: [...new Set(gone.flatMap(({ labels }) => labels))].sort(),
      runs: gone.length,
      reason,
    },
  });
  return { cleared: gone.length };
}
