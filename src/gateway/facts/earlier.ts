import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';
import type { Call } from '../call.ts';
import type { Facts } from './facts.ts';
import { aboutOf } from './run-of.ts';

/** Of each tool so many of the run's executed calls are read, the newest. */
const OF_TOOL_MAX = 20;
/** They are looked for among so many calls of the run, or, where it has no name, of the tool. */
const AMONG_MAX = 1_000;
/** What they came to is read up to so many bytes in all, newest first; one that is larger than what is left is passed over. */
const BYTES_MAX = 1024 * 1024;
/** A run without a name is what the token has done for so long. */
const OPEN_HOURS = 24;

/**
 * What executed calls of the call's run came to, by tool, newest first. A run is its caller's own: another client's calls
 * never count, and of a run without a name none of another token. Results are settled by whoever asks.
 */
export async function readEarlier(
  tx: TenantTx,
  call: Call,
  facts: Facts,
  tools: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { runId } = aboutOf(call, facts);
  // What a draft rests on is its client's.
  const principalId = facts.drafted?.clientId ?? facts.principal.id;
  const tokenId = facts.drafted?.tokenId ?? facts.token?.id ?? null;
  const among =
    runId === undefined
      ? sql`select tool_name, status, principal_id, token_id, run_id, id, result, created_at from agent_execution_logs
          where tenant_id = ${tx.tenantId} and tool_name = w.tool order by id desc limit ${AMONG_MAX}`
      : sql`select tool_name, status, principal_id, token_id, run_id, id, result, created_at from agent_execution_logs
          where tenant_id = ${tx.tenantId} and run_id = ${runId} order by id desc limit ${AMONG_MAX}`;
  const isOfRun =
    runId === undefined
      ? sql`e.run_id is null and e.token_id is not distinct from ${tokenId}
          and e.created_at > clock_timestamp() - ${OPEN_HOURS} * interval '1 hour'`
      : sql`e.tool_name = w.tool`;
  const { rows } = await sql<{ tool: string; result: string }>`
    select tool, result from (
      select w.tool, e.id, e.result, sum(octet_length(e.result)) over (order by e.id desc) as bytes
      from unnest(${tools}::text[]) w (tool) cross join lateral (
        select e.id, e.result from (${among}) e
        where e.status = 'executed' and e.principal_id = ${principalId} and ${isOfRun}
          and octet_length(e.result) <= ${BYTES_MAX}
        order by e.id desc limit ${OF_TOOL_MAX}
      ) e
    ) found where bytes <= ${BYTES_MAX} order by id desc`.execute(tx.db);
  const earlier = new Map<string, string[]>();
  for (const { tool, result } of rows) {
    const known = earlier.get(tool);
    if (known === undefined) earlier.set(tool, [result]);
    else known.push(result);
  }
  return earlier;
}
