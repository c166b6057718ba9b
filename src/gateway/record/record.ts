import { deny } from '../../kernel/codes.ts';
import type { Write } from '../../store/flush/rows.ts';
import type { Answer, Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import type { Hold, Ruling } from '../rule/ruling.ts';
import { draftWrite } from './draft-writes.ts';
import { denialWrite, heldDenialWrite, holdWrite, intentWrite } from './writes.ts';

/**
 * What became of recording a ruling: it stands (with an answer nothing is made), it must be made again, or an earlier call
 * has the Idempotency-Key.
 */
export type Recorded =
  | { readonly kind: 'stands'; readonly answer?: Answer }
  | { readonly kind: 'again' }
  | { readonly kind: 'earlier'; readonly executionId: string };

const STANDS: Recorded = { kind: 'stands' };
const AGAIN: Recorded = { kind: 'again' };

/** Of what is refused, one caller has this many a minute written down each by itself; the rest is counted. */
export const REFUSALS_PER_MINUTE = 120;
/** What is counted is not held against the present version, so it must not rest on facts that are older than this. */
const COUNTED_MAX_AGE_MS = 1_000;

/**
 * The third verb: one durable write that re-checks what the ruling rests on. Nothing is executed and nobody is answered
 * before it stands. Refusals and calls that wait are answered from here.
 */
export async function record(deps: Deps, call: Call, facts: Facts, ruling: Ruling): Promise<Recorded> {
  const isKnown = ruling.outcome !== 'deny' || ruling.refusal.step !== 'authenticate';
  // Whoever has no valid token any more is not told what an earlier call came to.
  if (typeof facts.earlierExecutionId === 'string' && isKnown) {
    return { kind: 'earlier', executionId: facts.earlierExecutionId };
  }
  // What would be refused by now may have been done before: the key is looked up, which a refusal does not write.
  if (ruling.outcome === 'deny' && isKnown && call.idempotencyKey !== undefined && facts.earlierExecutionId !== null) {
    return AGAIN;
  }
  const at = deps.store.clock.now();
  switch (ruling.outcome) {
    case 'go': {
      const putsLabels = deps.labelled.isNeeded(call, facts);
      const recorded = await written(deps, call, facts, intentWrite(call, facts, ruling, at, putsLabels));
      if (putsLabels && recorded.kind === 'stands' && recorded.answer === undefined) deps.labelled.note(call, facts);
      return recorded;
    }
    case 'hold':
      return recordHold(deps, call, facts, ruling, at);
    case 'draft':
      return recordDraft(deps, call, facts, at);
    case 'deny':
      return recordDenial(deps, call, facts, ruling, at);
  }
}

async function recordHold(deps: Deps, call: Call, facts: Facts, hold: Hold, at: Date): Promise<Recorded> {
  const { write, pending } = holdWrite(call, facts, hold, at);
  return answering(await written(deps, call, facts, write), pending);
}

async function recordDraft(deps: Deps, call: Call, facts: Facts, at: Date): Promise<Recorded> {
  const { write, answer } = draftWrite(call, facts, at);
  return answering(await written(deps, call, facts, write), answer);
}

async function recordDenial(
  deps: Deps,
  call: Call,
  facts: Facts,
  { refusal, policy }: Extract<Ruling, { outcome: 'deny' }>,
  at: Date,
): Promise<Recorded> {
  if (call.via === 'approval') {
    // Where the approval itself has ended, that was recorded with its end.
    const isUsable = facts.approval?.status === 'approved' && !facts.approval.isOver;
    const recorded = isUsable
      ? await written(deps, call, facts, heldDenialWrite(call, facts, refusal, policy, at))
      : STANDS;
    return answering(recorded, { ...refusal, executionId: call.executionId });
  }
  if (!deps.limiter.takeHere(`refused:${facts.principal.id}`, REFUSALS_PER_MINUTE).allowed) {
    if (performance.now() - facts.readMs > COUNTED_MAX_AGE_MS) return AGAIN;
    return { kind: 'stands', answer: await deps.countedOut(call, refusal, facts) };
  }
  const recorded = await written(deps, call, facts, denialWrite(call, facts, refusal, policy, at));
  return answering(recorded, { ...refusal, executionId: call.executionId });
}

/** What is recorded with the answer that it gives, if it stands. */
function answering(recorded: Recorded, answer: Answer): Recorded {
  return recorded.kind === 'stands' && recorded.answer === undefined ? { kind: 'stands', answer } : recorded;
}

async function written(deps: Deps, call: Call, facts: Facts, write: Write): Promise<Recorded> {
  const said = await deps.store.write(write);
  if (said.ok) return STANDS;
  if (said.why === 'draft') {
    const { draft: _, idempotencyKey: _key, ...rest } = call;
    const refusal = deny(said.found === 'full' ? 'drafts_full' : 'draft_moved');
    return recordDenial(deps, rest, facts, { outcome: 'deny', refusal, policy: null }, deps.store.clock.now());
  }
  // Lost: somebody else used the approval first, or its time ran out. The next ruling reads what happened and says so.
  return said.why === 'duplicate' ? { kind: 'earlier', executionId: said.executionId } : AGAIN;
}
