import { type RawBuilder, sql } from 'kysely';
import type { Actor } from '../kernel/actor.ts';
import { auditAll } from '../ledger/audit.ts';
import { signal } from '../store/signals.ts';
import type { TenantTx } from '../store/store.ts';
import { approvalEvent, type ToldApproval } from './approval-event.ts';

/**
 * What was taken away for good, and with it every request that rests on it. A kill switch is lifted again: it ends none. A
 * tool that is let out of quarantine is another one: what was asked for under the old definition is never made.
 */
export type Withdrawn =
  | { readonly because: 'client_revoked'; readonly clientId: string }
  | { readonly because: 'token_revoked'; readonly tokenId: string }
  | { readonly because: 'grant_removed'; readonly clientId: string; readonly toolId: string }
  | { readonly because: 'tool_archived' | 'tool_quarantined'; readonly toolId: string }
  | { readonly because: 'connector_revoked'; readonly connectorId: string }
  | { readonly because: 'member_removed'; readonly userId: string };

const SENTENCES: Record<Withdrawn['because'], string> = {
  client_revoked: 'The client was revoked while this waited for approval.',
  token_revoked: 'The token that asked for this was revoked while it waited for approval.',
  grant_removed: 'The grant was taken back while this waited for approval.',
  tool_archived: 'The tool was archived while this waited for approval.',
  tool_quarantined: 'The MCP server changed what it says of the tool while this waited for approval.',
  connector_revoked: "The tool's connector was revoked while this waited for approval.",
  member_removed: 'Whoever asked for this left the workspace while it waited for approval.',
};

/** How many are ended by one statement. All of them are ended in the one transaction. */
const ROUND_MAX = 2_000;

/**
 * Ends every request that waits for people and rests on what is being taken away, with its call and its entry, and
 * says how many. The caller holds the workspace's configuration lock, so that no new request comes in behind this.
 */
export async function withdrawRequests(
  { tx, actor }: { readonly tx: TenantTx; readonly actor: Actor },
  what: Withdrawn,
): Promise<number> {
  let ended = 0;
  for (;;) {
    const round = await endRound(tx, what);
    if (round.length === 0) return ended;
    const data = { reason: what.because };
    await auditAll(
      tx,
      round.map((one) => ({
        actor,
        ...approvalEvent(one, { event_type: 'approval.cancelled', outcome: 'cancelled' }, data),
      })),
    );
    await signal(tx, ...round.map(({ id }) => ({ kind: 'approval', tenantId: tx.tenantId, id }) as const));
    ended += round.length;
  }
}

async function endRound(tx: TenantTx, what: Withdrawn): Promise<ToldApproval[]> {
  const { rows } = await sql<ToldApproval>`
    with ended as (
      update approvals set status = 'cancelled', decided_at = clock_timestamp()
      where tenant_id = ${tx.tenantId} and id in (
        select a.id from approvals a
        where a.tenant_id = ${tx.tenantId} and a.status = 'pending' and a.expires_at > clock_timestamp()
          and ${restsOn(what)}
        limit ${ROUND_MAX} for update)
      returning id, execution_id, tool_name, policy, payload_sha256, expires_at
    ), calls as (
      update agent_execution_logs e set status = 'cancelled', step = 'approval', code = 'approval_cancelled',
        detail = ${SENTENCES[what.because]}, finished_at = clock_timestamp()
      from ended
      where e.tenant_id = ${tx.tenantId} and e.id = ended.execution_id and e.status = 'pending_approval'
    )
    select * from ended`.execute(tx.db);
  return rows;
}

/** Whether the approval `a` rests on what is taken away. */
function restsOn(what: Withdrawn): RawBuilder<boolean> {
  switch (what.because) {
    case 'client_revoked':
      return sql`a.principal_kind = 'client' and a.principal_id = ${what.clientId}`;
    case 'token_revoked':
      return sql`exists (select from agent_execution_logs e
        where e.tenant_id = a.tenant_id and e.id = a.execution_id and e.token_id = ${what.tokenId})`;
    case 'grant_removed':
      return sql`a.principal_kind = 'client' and a.principal_id = ${what.clientId} and a.tool_id = ${what.toolId}`;
    case 'tool_archived':
    case 'tool_quarantined':
      return sql`a.tool_id = ${what.toolId}`;
    case 'connector_revoked':
      return sql`exists (select from tools t
        where t.tenant_id = a.tenant_id and t.id = a.tool_id and t.connector_id = ${what.connectorId})`;
    case 'member_removed':
      return sql`a.principal_kind = 'member' and a.principal_id = ${what.userId}`;
  }
}
