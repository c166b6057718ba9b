import { deny } from '../kernel/codes.ts';
import { act } from './act/act.ts';
import type { Answer, Call } from './call.ts';
import type { Deps } from './deps.ts';
import type { Progress } from './progress.ts';
import { replay } from './reads/replay.ts';
import { isDryRun, recordDryRun } from './record/dry-run.ts';
import { record } from './record/record.ts';
import { settle } from './settle/settle.ts';
import type { Watch } from './watch.ts';

/** How often a call is ruled on anew because the facts moved under it, before it is refused. */
const RULINGS_MAX = 8;

/**
 * Takes one call through the five verbs: admit, rule, record, act, settle. Recording re-checks what the ruling rests on in
 * the same statement, so a switch flipped or a token revoked on any node in between is seen, and the call is ruled on
 * again. Refusals are answers; whatever throws here refuses too.
 */
export type Dispatch = (call: Call, progress?: Progress) => Promise<Answer>;

export function createDispatch(deps: Deps): Dispatch {
  return (call, progress = {}) => {
    const watch = deps.observer?.(call);
    const answered = take(deps, call, progress, watch);
    return watch === undefined ? answered : answered.finally(() => watch.end());
  };
}

async function take(deps: Deps, asked: Call, progress: Progress, watch: Watch | undefined): Promise<Answer> {
  // What is asked for here is mostly remembered; waiting for it would cost more than finding it.
  const admitted = progress.admitted ?? deps.admittance.admit(asked);
  const admission = admitted instanceof Promise ? await admitted : admitted;
  watch?.lap('admit');
  progress.rate = admission.taken?.rate;
  if (admission.kind === 'deny') return deps.countedOut(asked, admission);
  progress.tenantId = admission.caller.tenantId;
  progress.admitted = admission;

  let call = asked;
  for (let rulings = 0; rulings < RULINGS_MAX; rulings += 1) {
    const known = deps.facts.of(call, admission.caller, rulings > 0);
    const facts = known instanceof Promise ? await known : known;
    if (facts === undefined) return deny('unauthenticated');
    if (deps.admittance.isByOtherLimit(admission, facts)) {
      // Either of the two may be what is old.
      if (rulings === 0) continue;
      const overLimit = await deps.admittance.again(asked, admission, facts);
      if (overLimit !== undefined) return deps.countedOut(asked, overLimit);
    }
    watch?.lap('facts');

    const ruling = deps.rules.rule(call, facts, watch);
    deps.seen(asked, facts, ruling);
    if (isDryRun(call, ruling)) {
      const said = await recordDryRun(deps, call, facts, ruling);
      if (said !== undefined) return said;
      continue;
    }
    const recorded = await record(deps, call, facts, ruling);
    watch?.lap('record');
    if (recorded.kind === 'again') {
      call = asked;
    } else if (recorded.kind === 'earlier') {
      const earlier = await replay(deps, call, facts, recorded.executionId);
      if (earlier.kind !== 'approved') return earlier;
      call = earlier.call;
    } else if (recorded.answer !== undefined || ruling.outcome !== 'go') {
      return recorded.answer!;
    } else {
      const outcome = await act(deps, call, facts, ruling, progress);
      watch?.lap('act');
      const answer = await settle(deps, call, facts, ruling, outcome);
      watch?.lap('settle');
      return answer;
    }
  }
  return deny('store_unavailable', 'The configuration keeps changing under this call. Try again.');
}
