import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/gateway.ts';
import { expireApprovals } from '../governance/approvals/expire.ts';
import type { Store } from '../store/store.ts';
import { repeat } from './repeat.ts';

const LEAST_MS = 1_000;
/** For what nobody tells of and no date announces: an approved call whose node died before it set out to make it. */
const LOOK_MS = 5_000;

/** Ends what has come to its time, in every workspace, when that comes: approvals, and calls without an outcome. */
export function startSweeping(store: Store, gateway: Gateway, log: Logger): { stop(): Promise<void> } {
  const sweeping = repeat({ minMs: LEAST_MS, maxMs: LOOK_MS }, log, async () => {
    await expireApprovals(store);
    await gateway.sweep();
    return nextDueMs(store);
  });
  const unsubscribe = store.signals.subscribe((signal) => {
    if (signal.kind === 'approval' || signal.kind === 'reconnected') sweeping.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await sweeping.stop();
    },
  };
}

/** In how many milliseconds the next approval expires, or the next running call is past its deadline. */
async function nextDueMs(store: Store): Promise<number> {
  const { rows } = await store.asSystem((db) =>
    sql<{ next_ms: number | null }>`
      select ceil(extract(epoch from least(
        (select min(expires_at) from approvals where status in ('pending', 'approved')),
        (select min(deadline_at) from agent_execution_logs where status = 'running')
      ) - clock_timestamp()) * 1000)::float8 as next_ms`.execute(db),
  );
  return rows[0]?.next_ms ?? LOOK_MS;
}
