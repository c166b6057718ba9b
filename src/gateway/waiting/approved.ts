import { sql } from 'kysely';
import { parseEnvelope } from '../../kernel/envelope.ts';
import type { Store } from '../../store/store.ts';
import { type Answer, newCall } from '../call.ts';
import type { Dispatch } from '../dispatch.ts';

/** An attempt of which nothing came in this time died with its node, or met a store that was away. */
const isDue = sql<boolean>`(attempted_at is null or attempted_at < clock_timestamp() - interval '1 minute')`;

/**
 * Executes an approval that was asked for with `execute_on_approval`: the same dispatcher, the pinned bytes, the principal
 * that asked, and the call that was held. Sets out once. Using the approval decides whether it ran, and a refusal on the
 * way (a kill switch, a revoked token) ends the call and its approval with that refusal; an attempt that was lost, or met
 * a store that was away, is safely made again.
 */
export async function executeApproved(
  store: Store,
  dispatch: Dispatch,
  tenantId: string,
  approvalId: string,
): Promise<Answer | undefined> {
  const row = await store.withTenant(tenantId, async (tx) => {
    const taken = await tx.db
      .updateTable('approvals')
      .set({ attempted_at: sql<Date>`clock_timestamp()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', approvalId)
      .where('status', '=', 'approved')
      .where('execute_on_approval', '=', true)
      .where(isDue)
      .returning(['envelope', 'execution_id', 'tool_name', 'principal_kind', 'principal_id'])
      .executeTakeFirst();
    if (taken === undefined) return undefined;
    const held = await tx.db
      .selectFrom('agent_execution_logs')
      .select(['token_id', 'request_id'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', taken.execution_id)
      .executeTakeFirstOrThrow();
    return { ...taken, ...held };
  });
  if (row === undefined) return undefined;
  const pinned = parseEnvelope(row.envelope);
  if (!pinned.ok) throw new Error(`The envelope of ${approvalId} is unreadable`);
  return dispatch(
    newCall({
      via: 'approval',
      executionId: row.execution_id,
      credential:
        row.principal_kind === 'member'
          ? { kind: 'member', tenantId, userId: row.principal_id }
          : { kind: 'client', tenantId, clientId: row.principal_id, tokenId: row.token_id },
      ...(row.request_id !== null && { requestId: row.request_id }),
      toolName: row.tool_name,
      arguments: pinned.envelope.arguments,
      ...(pinned.envelope.justification !== undefined && { justification: pinned.envelope.justification }),
      ...(pinned.envelope.runId !== undefined && { runId: pinned.envelope.runId }),
      ...(pinned.envelope.onBehalfOf !== undefined && { onBehalfOf: pinned.envelope.onBehalfOf }),
      approvalId,
    }),
  );
}

/** Approvals that were granted and that no node is about to execute: their node died in between. */
export async function findAbandoned(store: Store): Promise<{ tenantId: string; approvalId: string }[]> {
  const rows = await store.asSystem((db) =>
    db
      .selectFrom('approvals')
      .select(['tenant_id', 'id'])
      .where('status', '=', 'approved')
      .where('execute_on_approval', '=', true)
      .where(isDue)
      .where('expires_at', '>', sql<Date>`clock_timestamp()`)
      .limit(100)
      .execute(),
  );
  return rows.map(({ tenant_id, id }) => ({ tenantId: tenant_id, approvalId: id }));
}
