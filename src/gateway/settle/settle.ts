import { setTimeout } from 'node:timers/promises';
import { deny, REFUSALS, type RefusalCode, type Step } from '../../kernel/codes.ts';
import { StoreUnavailable } from '../../store/fault.ts';
import type { Form, UpstreamOutcome } from '../../upstream/outcome.ts';
import type { Answer, Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import { type Outcome, outcomeWrite } from '../record/writes.ts';
import type { Go } from '../rule/ruling.ts';

/** How long an outcome is kept trying to reach the store before the caller is told that it is unknown. */
const RECORD_MAX_MS = 10_000;
const RECORD_PAUSE_MS = 100;

/** The last verb: records how the call ended, before anyone is answered. */
export async function settle(deps: Deps, call: Call, facts: Facts, go: Go, upstream: UpstreamOutcome): Promise<Answer> {
  const { executionId } = go;
  const outcome = outcomeOf(upstream);
  if (!(await recorded(deps, call, facts, go, outcome))) {
    return { ...deny('outcome_unknown', 'The call was made, but its outcome could not be recorded.'), executionId };
  }
  switch (outcome.status) {
    case 'executed':
      return { kind: 'executed', executionId, result: outcome.result!, ...formOf(upstream) };
    case 'failed':
      return { kind: 'failed', executionId, error: outcome.error!, ...formOf(upstream) };
    case 'unknown':
      return { ...deny('outcome_unknown'), executionId };
    case 'denied':
      return { ...deny(outcome.code as RefusalCode, outcome.detail), step: outcome.step!, executionId };
  }
}

function formOf(upstream: UpstreamOutcome): { readonly form?: Form } {
  return 'form' in upstream && upstream.form !== undefined ? { form: upstream.form } : {};
}

function outcomeOf(upstream: UpstreamOutcome): Outcome {
  switch (upstream.kind) {
    case 'executed':
      return { status: 'executed', result: upstream.result };
    case 'failed':
      return { status: 'failed', code: upstream.code, detail: upstream.message, error: upstream.error };
    case 'refused':
      return { status: 'denied', step: stepOf(upstream.code), code: upstream.code, detail: upstream.detail };
    case 'unknown':
      return { status: 'unknown', step: 'execute', code: 'outcome_unknown', detail: upstream.reason };
  }
}

/** A drift that is seen on the way out has nothing to do with an approval, whose step the code has elsewhere. */
function stepOf(code: Extract<UpstreamOutcome, { kind: 'refused' }>['code']): Step {
  return code === 'definition_drift' ? 'execute' : REFUSALS[code].step;
}

/** Whether the outcome became durable. The store may be gone for a moment; what happened outside stays true. */
async function recorded({ store, log }: Deps, call: Call, facts: Facts, go: Go, outcome: Outcome): Promise<boolean> {
  const until = performance.now() + RECORD_MAX_MS;
  for (;;) {
    try {
      await store.write(outcomeWrite(call, facts, go, outcome, store.clock.now()));
      return true;
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable) || performance.now() > until) {
        log.error({ executionId: go.executionId, err: fault }, 'an outcome could not be recorded');
        return false;
      }
      await setTimeout(RECORD_PAUSE_MS);
    }
  }
}
