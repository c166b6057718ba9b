import type { Policy, Refusal, Step } from '../kernel/codes.ts';
import { newId } from '../kernel/ids.ts';
import type { WriteResult } from '../store/flush/combiner.ts';
import type { CallRow, CommonColumns } from '../store/flush/rows.ts';
import type { Store } from '../store/store.ts';
import { timeoutMsOf } from '../upstream/shapes.ts';
import type { Answer, Call, Facts, Go } from './call.ts';
import { audited, commonOf, type Event, queue, sharedBy } from './entries.ts';
import { envelopeOf } from './envelope-of.ts';

/**
 * The decisions of the dispatcher as durable rows, each with its audit entries in the same statement.
 * Nothing is executed before `recordIntent` has said ok.
 */

/** Above the tool's own timeout: until then a call without an outcome may still be running somewhere. */
const DEADLINE_MARGIN_MS = 5_000;

/** What is recorded of every call. */
function callOf(call: Call, facts: Facts) {
  return {
    version: facts.version,
    not_after: null as Date | null,
    token_id: facts.token?.id ?? null,
    tool_id: facts.tool?.id ?? null,
    tool_name: call.toolName,
    effect: facts.tool?.effect ?? null,
    policy: facts.grant?.policy ?? null,
  };
}

/** A row of the list of calls, for a call that must be in it at once. */
function rowOf(call: Call, facts: Facts): Omit<CallRow, 'status'> {
  const { kind, id } = facts.principal;
  return {
    ...callOf(call, facts),
    id: call.executionId,
    principal_kind: kind,
    principal_id: id,
    arguments: call.argumentsCanonical,
  };
}

/** The moment from which on the decision no longer holds: the credential's own end. */
function notAfter(call: Call, facts: Facts): Date | null {
  return call.credential.kind === 'token' ? (facts.token?.expiresAt ?? null) : null;
}

/** A refused call may be one of a flood, so only arguments of a size that people read are kept with it. */
const DENIED_ARGUMENTS_MAX = 16 * 1024;

function keepsArguments(call: Call, { step, code }: Refusal): boolean {
  if (step === 'authenticate' || code === 'rate_limited' || code === 'invalid_payload') return false;
  return call.argumentsCanonical.length <= DENIED_ARGUMENTS_MAX;
}

/**
 * Records a refusal. A call refused for its token, its rate or its shape keeps no arguments: it may be garbage, and
 * a token that has ended is not even held to a rate.
 */
export function recordDenial(store: Store, call: Call, facts: Facts, refusal: Refusal): Promise<WriteResult> {
  const event: Event = {
    event_type: 'execution.denied',
    resource: { kind: 'execution', id: call.executionId },
    outcome: 'denied',
    data: { tool: call.toolName, step: refusal.step, code: refusal.code },
  };
  // A denied call may be of any tool and made by anyone, so that remembering what it shares would not pay.
  const common: CommonColumns = {
    ...commonOf(facts, event),
    ...callOf(call, facts),
    records: 'call',
    timeout_ms: null,
  };
  const { step, code, detail } = refusal;
  const body = keepsArguments(call, refusal) ? call.argumentsCanonical : null;
  return queue(store, call, facts, event, common, { approvalId: call.approvalId, step, code, detail, body });
}

/**
 * The people who may not decide: whoever asked. For a dual approval also the owner and the creator of the
 * credential that asked, and the last editor of the grant's policy.
 */
function excludedUserIds(facts: Facts, policy: Policy): string[] {
  const { principal, credentialUserIds, grant } = facts;
  const asked = principal.kind === 'member' ? [principal.id] : [];
  const dual = policy === 'approve-dual' ? [...credentialUserIds, grant!.updatedBy] : [];
  return [...new Set([...asked, ...dual])];
}

/** Queues the exact bytes of the call for people to decide. */
export async function recordHold(
  store: Store,
  call: Call,
  facts: Facts,
  policy: Exclude<Policy, 'auto'>,
): Promise<{ written: WriteResult; pending: Answer & { kind: 'pending' } }> {
  const approvalId = newId('apv');
  const { bytes, payloadSha256 } = envelopeOf(call, facts, call.executionId);
  const expiresAt = new Date(store.clock.now().getTime() + facts.approvalTtlSeconds * 1000);
  const written = await store.write(facts.tenantId, {
    kind: 'call',
    row: {
      ...rowOf(call, facts),
      not_after: notAfter(call, facts),
      status: 'pending_approval',
      payload_sha256: payloadSha256,
      approval_id: approvalId,
      idempotency_key: call.idempotencyKey ?? null,
      request_sha256: call.requestSha256 ?? null,
    },
    hold: {
      policy_rule: null,
      envelope: bytes,
      definition_sha256: facts.tool!.definitionSha256,
      requester_user_ids: excludedUserIds(facts, policy),
      approver_user_ids: facts.grant!.approverUserIds,
      execute_on_approval: call.executeOnApproval,
      expires_at: expiresAt,
    },
    audits: [
      audited(store, call, facts, {
        event_type: 'approval.requested',
        resource: { kind: 'approval', id: approvalId },
        payload_sha256: payloadSha256,
        outcome: 'pending',
        data: {
          approval_id: approvalId,
          execution_id: call.executionId,
          tool: facts.tool!.name,
          effect: facts.tool!.effect,
          policy,
          expires_at: expiresAt.toISOString(),
        },
      }),
    ],
  });
  const pending = {
    kind: 'pending',
    executionId: call.executionId,
    approvalId,
    payloadSha256,
    policy,
    expiresAt,
  } as const;
  return { written, pending };
}

/** Records that the call is about to run; with an approval, by consuming it in the same statement. */
export function recordIntent(store: Store, call: Call, facts: Facts, go: Go): Promise<WriteResult> {
  const started: Event = {
    event_type: 'execution.started',
    resource: { kind: 'execution', id: go.executionId },
    payload_sha256: go.payloadSha256,
    outcome: 'running',
    data: { tool: facts.tool!.name, policy: facts.grant!.policy },
  };
  const timing = { not_after: notAfter(call, facts), timeout_ms: timeoutMsOf(facts.tool!) + DEADLINE_MARGIN_MS };
  if (go.approvalId !== undefined)
    return resume(store, call, facts, { ...go, approvalId: go.approvalId }, timing, started);
  if (call.idempotencyKey === undefined) {
    const common = sharedBy(facts, started, (always) => ({
      ...always,
      ...callOf(call, facts),
      ...timing,
      records: 'call',
    }));
    return queue(store, call, facts, started, common, { body: call.argumentsCanonical });
  }
  return store.write(facts.tenantId, {
    kind: 'call',
    row: {
      ...rowOf(call, facts),
      ...timing,
      status: 'running',
      payload_sha256: go.payloadSha256,
      idempotency_key: call.idempotencyKey,
      request_sha256: call.requestSha256 ?? null,
    },
    audits: [audited(store, call, facts, started)],
  });
}

function resume(
  store: Store,
  call: Call,
  facts: Facts,
  { approvalId, executionId, payloadSha256 }: Go & { readonly approvalId: string },
  timing: { readonly not_after: Date | null; readonly timeout_ms: number },
  started: Event,
): Promise<WriteResult> {
  const consumed: Event = {
    event_type: 'approval.consumed',
    resource: { kind: 'approval', id: approvalId },
    payload_sha256: payloadSha256,
    outcome: 'consumed',
    data: {
      approval_id: approvalId,
      execution_id: executionId,
      tool: facts.tool!.name,
      policy: facts.grant!.policy,
    },
  };
  return store.write(facts.tenantId, {
    kind: 'resume',
    row: {
      version: facts.version,
      ...timing,
      approval_id: approvalId,
      execution_id: executionId,
      payload_sha256: payloadSha256,
    },
    audits: [audited(store, call, facts, consumed), audited(store, call, facts, started)],
  });
}

export type Outcome = {
  /** `denied`: the way out was refused before a byte left. */
  readonly status: 'executed' | 'failed' | 'unknown' | 'denied';
  /** Which step said no, or could not say what happened. */
  readonly step?: Step;
  readonly code?: string;
  readonly detail?: string;
  /** What came back, as JSON text. */
  readonly result?: string;
  readonly error?: string;
};

/** Records how the call ended. */
export function recordOutcome(store: Store, call: Call, facts: Facts, go: Go, outcome: Outcome): Promise<WriteResult> {
  const event: Event = {
    event_type: `execution.${outcome.status}`,
    resource: { kind: 'execution', id: go.executionId },
    payload_sha256: go.payloadSha256,
    outcome: outcome.status,
    data: {
      tool: facts.tool!.name,
      ...(outcome.step !== undefined && { step: outcome.step }),
      ...(outcome.code !== undefined && { code: outcome.code }),
    },
  };
  const common = sharedBy(facts, event, (always) => ({ ...always, records: 'outcome' }));
  const { step, code, detail, result, error } = outcome;
  return queue(store, call, facts, event, common, { step, code, detail, body: result ?? error });
}
