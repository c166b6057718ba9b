import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';
import type { Call } from '../call.ts';
import type { Facts } from './facts.ts';
import { aboutOf } from './run-of.ts';

/** Of each tool so many of the run's executed calls are read, the newest. */
const OF_TOOL_MAX = 20;
/** They are looked for among so many calls of the run, or, where it has no name, of its caller. */
const AMONG_MAX = 1_000;
const OPEN_AMONG_MAX = 5_000;
/** What they came to is read up to so many bytes in all, newest first; one that is larger than what is left is passed over. */
const BYTES_MAX = 1024 * 1024;
/** A run without a name is what the token has done for so long, before the call was asked for. */
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
  // The caller stands inside what is limited: however much others call, its own calls are found.
  const among = sql`select tool_name, status, token_id, run_id, id, result, created_at from agent_execution_logs
    where tenant_id = ${tx.tenantId} and principal_id = ${principalId}`;
  const newest =
    runId === undefined
      ? sql`${among} order by id desc limit ${OPEN_AMONG_MAX}`
      : sql`${among} and run_id = ${runId} order by id desc limit ${AMONG_MAX}`;
  // What was there when a call was held does not get too old while people decide.
  const asked = sql`coalesce(${facts.approval?.createdAt ?? null}::timestamptz, clock_timestamp())`;
  const isOfRun =
    runId === undefined
      ? sql`e.run_id is null and e.token_id is not distinct from ${tokenId}
          and e.created_at > ${asked} - ${OPEN_HOURS} * interval '1 hour'`
      : sql`true`;
  const { rows } = await sql<{ tool: string; result: string }>`
    select tool, result from (
      select w.tool, e.id, e.result, sum(octet_length(e.result)) over (order by e.id desc) as bytes
      from unnest(${tools}::text[]) w (tool) cross join lateral (
        select e.id, e.result from (${newest}) e
        where e.status = 'executed' and e.tool_name = w.tool and ${isOfRun}
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
