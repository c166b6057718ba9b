import { decideKillSwitch } from '../governance/kill-switches/decide.ts';
import { deny, type Refusal } from '../kernel/codes.ts';
import type { Answer, Call, Facts, Go, Hold, Progress, StepAnswer } from './call.ts';
import { envelopeOf } from './envelope-of.ts';
import { execute } from './execute.ts';
import type { Parts } from './parts.ts';
import { recordDenial, recordHold, recordIntent } from './record.ts';
import { replay } from './replay.ts';
import { checkApproval } from './resume.ts';
import { approval } from './steps/approval.ts';
import { authenticate } from './steps/authenticate.ts';
import { grant } from './steps/grant.ts';
import { payload } from './steps/payload.ts';
import { rateLimit } from './steps/rate-limit.ts';
import { request } from './steps/request.ts';
import { schema } from './steps/schema.ts';

type Step = (call: Call, facts: Facts, progress: Progress) => StepAnswer | Promise<StepAnswer>;

type Decision = Refusal | Hold | Go;

const killSwitch: Step = (_call, facts) =>
  decideKillSwitch(facts.switchesOn, {
    toolId: facts.tool?.id,
    clientId: facts.principal.kind === 'client' ? facts.principal.id : undefined,
  });

/**
 * The order of every governed call. Guardrails come between request and approval, budgets right before
 * approval; authenticate finds the workspace, because the credential alone decides it.
 */
function stepsOf(parts: Parts): readonly Step[] {
  return [
    authenticate,
    payload,
    killSwitch,
    grant,
    rateLimit(parts.limiter),
    schema,
    request(parts.upstream),
    approval,
  ];
}

/** How often a decision is made anew because the facts moved under it, before the call is refused. */
const DECISIONS_MAX = 8;

/**
 * Takes one call through every step: decide, record the decision, and only then act on it. Recording re-checks
 * the facts' version in the same statement, so a switch flipped or a token revoked on any node in between is
 * seen and the decision is made again. Refusals are answers; whatever throws here refuses too.
 */
export type Dispatch = (call: Call, progress?: Progress) => Promise<Answer>;

export function createDispatch(parts: Parts): Dispatch {
  const steps = stepsOf(parts);

  return async (call, progress = {}) => {
    for (let attempt = 0; attempt < DECISIONS_MAX; attempt += 1) {
      const known = parts.facts.of(call, attempt > 0);
      // Most are remembered; waiting for them would cost more than finding them.
      const facts = known instanceof Promise ? await known : known;
      if (facts === undefined) return deny('unauthenticated');
      progress.tenantId = facts.tenantId;

      const decided = decide(call, facts, progress);
      const decision = decided instanceof Promise ? await decided : decided;
      const isAuthentic = decision.kind !== 'deny' || decision.step !== 'authenticate';
      if (isAuthentic && facts.token !== undefined) parts.tokenUsed(facts.tenantId, facts.token.id);
      const answer =
        decision.kind === 'deny'
          ? await refuse(parts, call, facts, decision)
          : decision.kind === 'hold'
            ? await hold(parts, call, facts, decision)
            : await run(parts, call, facts, decision);
      if (answer !== 'decide again') return answer;
    }
    return deny('store_unavailable', 'The configuration keeps changing under this call. Try again.');
  };

  function decide(call: Call, facts: Facts, progress: Progress, from = 0): Decision | Promise<Decision> {
    for (let at = from; at < steps.length; at += 1) {
      const said = steps[at]!(call, facts, progress);
      // Most steps only think; waiting for them would cost more than they do.
      if (said instanceof Promise) return said.then((answer) => answer ?? decide(call, facts, progress, at + 1));
      if (said !== undefined) return said;
    }
    if (call.approvalId !== undefined) return checkApproval(parts.store, call, facts, call.approvalId);
    const { payloadSha256 } = envelopeOf(call, facts, call.executionId);
    return { kind: 'go', executionId: call.executionId, payloadSha256 };
  }
}

async function refuse(parts: Parts, call: Call, facts: Facts, refusal: Refusal): Promise<Answer | 'decide again'> {
  const written = await recordDenial(parts.store, call, facts, refusal);
  return written === 'stale' ? 'decide again' : { ...refusal, executionId: call.executionId };
}

async function hold(parts: Parts, call: Call, facts: Facts, decision: Hold): Promise<Answer | 'decide again'> {
  const { written, pending } = await recordHold(parts.store, call, facts, decision.policy);
  if (written === 'stale') return 'decide again';
  return written === 'duplicate' ? replay(parts, call, facts) : pending;
}

async function run(parts: Parts, call: Call, facts: Facts, go: Go): Promise<Answer | 'decide again'> {
  const written = await recordIntent(parts.store, call, facts, go);
  // Lost: another consumption was first, or time ran out. The next decision reads what happened and says so.
  if (written === 'stale' || written === 'lost') return 'decide again';
  if (written === 'duplicate') return replay(parts, call, facts);
  return execute(parts, call, facts, go);
}
