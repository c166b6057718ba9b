import { setTimeout } from 'node:timers/promises';
import { deny, REFUSALS, type RefusalCode } from '../kernel/codes.ts';
import { StoreUnavailable } from '../store/fault.ts';
import type { UpstreamOutcome } from '../upstream/outcome.ts';
import type { Answer, Call, Facts, Go } from './call.ts';
import type { Parts } from './parts.ts';
import { type Outcome, recordOutcome } from './record.ts';
import { requestOf } from './request-of.ts';

/** How long an outcome is kept trying to reach the store before the caller is told that it is unknown. */
const RECORD_MAX_MS = 10_000;
const RECORD_PAUSE_MS = 100;

/** Calls the upstream once, with no transaction open, and records how it ended before anyone is answered. */
export async function execute(parts: Parts, call: Call, facts: Facts, go: Go): Promise<Answer> {
  const upstreamOutcome = await parts.upstream.execute({ ...requestOf(call, facts), executionId: go.executionId });
  const outcome = outcomeOf(upstreamOutcome);
  if (!(await recorded(parts, call, facts, go, outcome))) {
    return {
      ...deny('outcome_unknown', 'The call was made, but its outcome could not be recorded.'),
      executionId: go.executionId,
    };
  }
  const { executionId } = go;
  if (outcome.status === 'executed') return { kind: 'executed', executionId, result: outcome.result! };
  if (outcome.status === 'unknown') return { ...deny('outcome_unknown'), executionId };
  if (outcome.status === 'denied') return { ...deny(outcome.code as RefusalCode, outcome.detail), executionId };
  return { kind: 'failed', executionId, error: outcome.error! };
}

function outcomeOf(upstream: UpstreamOutcome): Outcome {
  switch (upstream.kind) {
    case 'executed':
      return { status: 'executed', result: upstream.result };
    case 'failed':
      return { status: 'failed', code: upstream.code, detail: upstream.message, error: upstream.error };
    case 'refused':
      return { status: 'denied', step: REFUSALS[upstream.code].step, code: upstream.code, detail: upstream.detail };
    case 'unknown':
      return { status: 'unknown', step: 'execute', code: 'outcome_unknown', detail: upstream.reason };
  }
}

/** Whether the outcome became durable. The store may be gone for a moment; what happened outside stays true. */
async function recorded(parts: Parts, call: Call, facts: Facts, go: Go, outcome: Outcome): Promise<boolean> {
  const until = performance.now() + RECORD_MAX_MS;
  for (;;) {
    try {
      await recordOutcome(parts.store, call, facts, go, outcome);
      return true;
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable) || performance.now() > until) {
        parts.log.error({ executionId: go.executionId, err: fault }, 'an outcome could not be recorded');
        return false;
      }
      await setTimeout(RECORD_PAUSE_MS);
    }
  }
}
