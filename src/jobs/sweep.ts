import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/gateway.ts';
import { expireApprovals } from '../governance/approvals/expire.ts';
import { purgeDrafts } from '../governance/drafts/purge.ts';
import { expireBreakGlass } from '../governance/kill-switches/break-glass.ts';
import type { Store } from '../store/store.ts';
import { repeat } from './repeat.ts';

const LEAST_MS = 1_000;
/** For what nobody tells of and no date announces: an approved call whose node died before it set out to make it. */
const LOOK_MS = 5_000;
/** Not at once: a start has other things to do. */
const PURGE_LEAST_MS = 60_000;
const PURGE_MS = 24 * 3600 * 1000;

/** Ends what has come to its time, in every workspace, when that comes: approvals, break-glass, calls without an outcome, drafts. */
export function startSweeping(store: Store, gateway: Gateway, log: Logger): { stop(): Promise<void> } {
  const sweeping = repeat({ minMs: LEAST_MS, maxMs: LOOK_MS }, log, async () => {
    await expireApprovals(store);
    await expireBreakGlass(store);
    await gateway.sweep();
    return nextDueMs(store);
  });
  const purging = repeat({ minMs: PURGE_LEAST_MS, maxMs: PURGE_MS }, log, async () =>
    (await purgeDrafts(store)) ? 0 : PURGE_MS,
  );
  const unsubscribe = store.signals.subscribe((signal) => {
    if (signal.kind === 'approval' || signal.kind === 'reconnected') sweeping.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([sweeping.stop(), purging.stop()]);
    },
  };
}

/** In how many milliseconds the next approval or break-glass expires, or the next running call is past its deadline. */
async function nextDueMs(store: Store): Promise<number> {
  const { rows } = await store.asSystem((db) =>
    sql<{ next_ms: number | null }>`
      select ceil(extract(epoch from least(
        (select min(expires_at) from approvals where status in ('pending', 'approved')),
        (select min(deadline_at) from agent_execution_logs where status = 'running'),
        (select min(glass_until) from kill_switches where glass_until is not null)
      ) - clock_timestamp()) * 1000)::float8 as next_ms`.execute(db),
  );
  return rows[0]?.next_ms ?? LOOK_MS;
}
