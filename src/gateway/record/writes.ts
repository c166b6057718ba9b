import type { Policy, Refusal } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { About } from '../../kernel/runs.ts';
import type { CommonColumns, Write } from '../../store/flush/rows.ts';
import { OPENING_MS } from '../../upstream/prepared.ts';
import type { Answer, Call, Denied } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { aboutOf } from '../facts/run-of.ts';
import type { Go, Hold, Ruling } from '../rule/ruling.ts';
import { publishedEvent } from './draft-writes.ts';
import { commonOf, type Event, eventRow, sharedBy } from './events.ts';
import { callOf, groundsOf, inRun, loud, requiresOf, ruleOf, saidOf, sessionOf } from './every-write.ts';
import { ruledOnLabels, runNeeds } from './run-needs.ts';

/** What is ruled about a call, and what came of it, as one durable write each. Nothing here does anything. */

/** Above the tool's own timeout: until then a call without an outcome may still be running somewhere. */
const DEADLINE_MARGIN_MS = 5_000;

/**
 * The call is about to run; with an approval, by using it in the same write. `putsLabels`: what its results put on the run
 * may not be there yet. It is there before the call leaves, whatever comes of it: until then nobody can have read anything.
 */
export function intentWrite(call: Call, facts: Facts, go: Go, at: Date, putsLabels: boolean): Write {
  const { tenantId } = facts;
  const run = runNeeds(call, facts, go, putsLabels);
  const { name: tool, labels } = facts.tool!;
  const about = aboutOf(call, facts);
  const started: Event = {
    event_type: 'execution.started',
    resource: { kind: 'execution', id: go.executionId },
    payload_sha256: go.payloadSha256,
    outcome: 'running',
    data: {
      tool,
      policy: go.policy,
      ...ruleOf(go),
      via: call.via,
      ...inRun(about),
      ...loud(facts),
      ...(labels.length > 0 && { puts_labels: labels }),
    },
  };
  const opening = go.request.secrets === undefined ? 0 : OPENING_MS;
  const timeout_ms = opening + go.request.timeoutMs + DEADLINE_MARGIN_MS;
  if (go.approvalId !== undefined) {
    const common: CommonColumns = {
      ...commonOf(facts, started),
      ...groundsOf(call, facts),
      records: 'start',
      timeout_ms,
    };
    return {
      tenantId,
      events: [usedEvent(call, facts, go.approvalId, go, at), eventRow(call, facts, at, started, common)],
      requires: requiresOf(call, facts, go.executionId, {
        approval: { id: go.approvalId, payload_sha256: go.payloadSha256, becomes: 'consumed' },
        run,
      }),
    };
  }
  const common = sharedBy(facts, started, call, go.policy, (always) => ({
    ...always,
    ...callOf(call, facts, go.policy),
    timeout_ms,
  }));
  const events = [
    ...publishedEvent(call, facts, go.executionId, go.policy, at),
    eventRow(call, facts, at, started, common, { body: call.argumentsCanonical, about }),
  ];
  const isPlain = call.idempotencyKey === undefined && sessionOf(call) === undefined;
  if (isPlain && run === undefined) return { tenantId, events };
  return { tenantId, events, requires: requiresOf(call, facts, go.executionId, { run }) };
}

function usedEvent(call: Call, facts: Facts, approvalId: string, go: Go, at: Date) {
  const used: Event = {
    event_type: 'approval.consumed',
    resource: { kind: 'approval', id: approvalId },
    payload_sha256: go.payloadSha256,
    outcome: 'consumed',
    data: { approval_id: approvalId, execution_id: go.executionId, tool: facts.tool!.name, policy: go.policy },
  };
  return eventRow(call, facts, at, used, {
    ...commonOf(facts, used),
    ...groundsOf(call, facts),
    records: 'nothing',
  });
}

/** The exact bytes of the call wait for people to decide, with what the caller is answered once they do. */
export function holdWrite(
  call: Call,
  facts: Facts,
  hold: Hold,
  at: Date,
): { readonly write: Write; readonly pending: Answer & { kind: 'pending' } } {
  const { executionId } = call;
  const { policy, rule, ruleFault, payloadSha256, runLabels } = hold;
  const about = aboutOf(call, facts);
  const approvalId = newId('apv');
  const expiresAt = new Date(at.getTime() + facts.approvalTtlSeconds * 1000);
  const { name, effect, definitionSha256 } = facts.tool!;
  const requested: Event = {
    event_type: 'approval.requested',
    resource: { kind: 'approval', id: approvalId },
    payload_sha256: payloadSha256,
    outcome: 'pending',
    data: {
      approval_id: approvalId,
      execution_id: executionId,
      tool: name,
      effect,
      policy,
      ...ruleOf(hold),
      via: call.via,
      expires_at: expiresAt.toISOString(),
      ...inRun(about),
      ...(runLabels !== undefined && runLabels.length > 0 && { run_labels: runLabels }),
      ...loud(facts),
    },
  };
  const write: Write = {
    tenantId: facts.tenantId,
    events: [
      ...publishedEvent(call, facts, executionId, policy, at),
      eventRow(
        call,
        facts,
        at,
        requested,
        // The entry is about the approval; the call that it records has an id of its own.
        {
          ...commonOf(facts, requested),
          ...callOf(call, facts, policy),
          outcome: 'pending_approval',
          timeout_ms: null,
        },
        { approval_id: approvalId, body: call.argumentsCanonical, about },
      ),
    ],
    requires: requiresOf(call, facts, executionId, {
      run: runNeeds(call, facts, hold, false),
      hold: {
        policy_rule: rule,
        policy_fault: ruleFault,
        justification: call.justification ?? null,
        envelope: hold.envelope,
        definition_sha256: definitionSha256,
        requester_user_ids: excludedUserIds(facts, policy),
        execute_on_approval: call.executeOnApproval,
        expires_at: expiresAt,
        ...saidOf(call, facts),
      },
    }),
  };
  return { write, pending: { kind: 'pending', executionId, approvalId, payloadSha256, policy, expiresAt } };
}

/**
 * The people who may not decide: whoever asked, or wrote what a draft says. For a dual approval also the owner and the
 * creator of the credential that asked, and the last editor of the grant's policy.
 */
function excludedUserIds({ principal, credentialUserIds, grant, drafted }: Facts, policy: Policy): string[] {
  const asked = principal.kind === 'member' ? [principal.id, ...(drafted?.editedBy ?? [])] : [];
  const dual = policy === 'approve-dual' ? [...credentialUserIds, grant!.updatedBy] : [];
  return [...new Set([...asked, ...dual])];
}

/** Only arguments of a size that people read are kept with a refused call. */
const DENIED_ARGUMENTS_MAX = 16 * 1024;

function keepsArguments(call: Call, { step }: Refusal): boolean {
  return step !== 'authenticate' && step !== 'payload' && call.argumentsCanonical.length <= DENIED_ARGUMENTS_MAX;
}

/** The call is refused. What is refused for its token or its shape keeps no arguments: it may be garbage. */
export function denialWrite(call: Call, facts: Facts, refusal: Denied, policy: Policy | null, at: Date): Write {
  const { step, code, detail } = refusal;
  const about = aboutOf(call, facts);
  const event = deniedEvent(call, refusal, call.executionId, about);
  // A refusal holds also when its credential has ended: that may be why.
  const common: CommonColumns = {
    ...commonOf(facts, event),
    ...callOf(call, facts, policy),
    not_after: null,
    timeout_ms: null,
  };
  const body = keepsArguments(call, refusal) ? call.argumentsCanonical : null;
  const approval_id = refusal.approvalId ?? null;
  const { run } = ruledOnLabels(call, facts);
  return {
    tenantId: facts.tenantId,
    events: [eventRow(call, facts, at, event, common, { approval_id, step, code, detail, body, about })],
    ...(run !== undefined && { requires: { principal_id: facts.principal.id, execution_id: call.executionId, run } }),
  };
}

/** A call that was held and approved is refused when it was about to be made: it ends so, and its approval with it. */
export function heldDenialWrite(call: Call, facts: Facts, refusal: Denied, policy: Policy | null, at: Date): Write {
  const { step, code, detail } = refusal;
  const { id, executionId, payloadSha256 } = facts.approval!;
  const tool = call.toolName;
  const cancelled: Event = {
    event_type: 'approval.cancelled',
    resource: { kind: 'approval', id },
    payload_sha256: payloadSha256,
    outcome: 'cancelled',
    data: { approval_id: id, execution_id: executionId, tool, policy, step, code },
  };
  const about = aboutOf(call, facts);
  const denied = {
    ...deniedEvent(call, { ...refusal, approvalId: id }, executionId, about),
    payload_sha256: payloadSha256,
  };
  const grounds = groundsOf(call, facts);
  return {
    tenantId: facts.tenantId,
    events: [
      eventRow(call, facts, at, cancelled, { ...commonOf(facts, cancelled), ...grounds, records: 'nothing' }),
      eventRow(
        call,
        facts,
        at,
        denied,
        { ...commonOf(facts, denied), ...grounds, records: 'end' },
        { step, code, detail },
      ),
    ],
    requires: {
      principal_id: facts.principal.id,
      execution_id: executionId,
      approval: { id, payload_sha256: payloadSha256, becomes: 'cancelled' },
      ...ruledOnLabels(call, facts),
    },
  };
}

/** What would become of a call was asked, and the call was not made. The entry is about the tool: there is no call. */
export function dryRunWrite(call: Call, facts: Facts, ruling: Ruling, at: Date): Write {
  const { tool, principal } = facts;
  const { outcome, policy } = ruling;
  const said = outcome === 'deny' ? { step: ruling.refusal.step, code: ruling.refusal.code } : ruleOf(ruling);
  const asked: Event = {
    event_type: 'execution.dry_run',
    resource: tool === undefined ? principal : { kind: 'tool', id: tool.id },
    outcome,
    data: { tool: call.toolName, policy, ...said, via: call.via, ...inRun(aboutOf(call, facts)) },
  };
  const common: CommonColumns = { ...commonOf(facts, asked), ...groundsOf(call, facts), records: 'nothing' };
  return {
    tenantId: facts.tenantId,
    events: [eventRow(call, facts, at, asked, common)],
    requires: {
      principal_id: principal.id,
      execution_id: call.executionId,
      ...ruledOnLabels(call, facts),
    },
  };
}

function deniedEvent(
  { toolName, via }: Call,
  { step, code, approvalId }: Denied,
  executionId: string,
  about: About,
): Event {
  return {
    event_type: 'execution.denied',
    resource: { kind: 'execution', id: executionId },
    outcome: 'denied',
    data: {
      tool: toolName,
      step,
      code,
      via,
      ...(approvalId !== undefined && { approval_id: approvalId }),
      ...inRun(about),
    },
  };
}

export type Outcome = {
  /** `denied`: the way out was refused before a byte left. */
  readonly status: 'executed' | 'failed' | 'unknown' | 'denied';
  /** Which step said no, or could not say what happened. */
  readonly step?: Refusal['step'];
  readonly code?: string;
  readonly detail?: string;
  /** What came back, as JSON text. */
  readonly result?: string;
  readonly error?: string;
};

/** How the call ended. */
export function outcomeWrite(call: Call, facts: Facts, go: Go, outcome: Outcome, at: Date): Write {
  const { status, step, code, detail, result, error } = outcome;
  const event: Event = {
    event_type: `execution.${status}`,
    resource: { kind: 'execution', id: go.executionId },
    payload_sha256: go.payloadSha256,
    outcome: status,
    data: {
      tool: facts.tool!.name,
      ...(step !== undefined && { step }),
      ...(code !== undefined && { code }),
      ...loud(facts),
    },
  };
  const common = sharedBy(facts, event, call, null, (always) => ({ ...always, records: 'outcome' }));
  return {
    tenantId: facts.tenantId,
    events: [eventRow(call, facts, at, event, common, { step, code, detail, body: result ?? error })],
  };
}
