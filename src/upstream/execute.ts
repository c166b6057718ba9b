import type { Dispatcher } from 'undici';
import { interpretAnswer } from './answer.ts';
import { checkUrl, type Destination, type EgressAllow, type EgressBlock } from './egress-guard.ts';
import { ConnectionNotMade } from './guarded-connect.ts';
import { httpConnectorConfig, httpHandlerConfig } from './http-config.ts';
import { type ExchangeEnd, type ExchangeRequest, exchange } from './http-exchange.ts';
import { type HttpPlan, planRequest, targetOf } from './http-target.ts';
import { notSent, type UpstreamCall, type UpstreamOutcome } from './outcome.ts';

export type { ContentNote, FailureCode, UpstreamCall, UpstreamOutcome } from './outcome.ts';

/** What executing needs besides the call. */
export type UpstreamAccess = {
  readonly dispatcher: Dispatcher;
  readonly allow: EgressAllow;
  readonly maxBodyBytes: number;
  /** Judged base URLs by their text; {@link execute} bounds them. */
  readonly bases: Map<string, Destination | EgressBlock>;
  /** Worked-out handler configs, for as long as somebody holds them. They are never changed, only read anew. */
  readonly plans: WeakMap<object, HttpPlan | null>;
};

type Prepared = { readonly kind: 'prepared'; readonly request: ExchangeRequest; readonly timeoutMs: number };

/**
 * Executes one decided call. Never throws and never repeats a request of which a byte may have been sent.
 */
export async function execute(access: UpstreamAccess, call: UpstreamCall): Promise<UpstreamOutcome> {
  if (call.handlerKind === 'noop') return { kind: 'executed', result: { ok: true, echo: call.arguments } };
  let prepared: Prepared | UpstreamOutcome;
  try {
    prepared = prepare(access, call);
  } catch (error) {
    return notSent('invalid_configuration', `The request could not be built (${nameOf(error)}). Nothing was sent.`);
  }
  if (prepared.kind !== 'prepared') return prepared;
  const { request, timeoutMs } = prepared;
  const { dispatcher, maxBodyBytes } = access;
  const deadline = performance.now() + timeoutMs;
  try {
    // Twice at most: a pooled connection that died while idle may take a request down with it before anything
    // was written. That is the only repeat, and it repeats nothing that was sent.
    for (let attempt = 1; ; attempt += 1) {
      const limits = { timeoutMs: deadline - performance.now(), maxBodyBytes };
      const end = await exchange(dispatcher, request, limits, call.signal);
      if (end.kind === 'answer') {
        const outcome = interpretAnswer(end, maxBodyBytes);
        return outcome instanceof Promise ? await outcome : outcome;
      }
      if (end.kind === 'cut') return unknownAfter(end);
      if (attempt === 2 || !diedIdle(end.cause)) return failedBefore(end.cause);
    }
  } catch (error) {
    return { kind: 'unknown', reason: `The call broke off inside the gateway (${nameOf(error)}).` };
  }
}

function prepare(access: UpstreamAccess, call: UpstreamCall): Prepared | UpstreamOutcome {
  const plan = planOf(access, call.handlerConfig);
  if (plan === null || call.connector?.kind !== 'http') {
    return notSent('invalid_configuration', 'The tool has no usable HTTP connector or handler. Nothing was sent.');
  }
  const base = baseOf(access, call.connector.config.base_url);
  if (!base.ok) return { kind: 'refused', code: 'egress_blocked', detail: base.detail };
  const target = targetOf(plan, base.rest, call.arguments, call.argumentsCanonical);
  if (!target.ok) return { kind: 'refused', code: 'invalid_arguments', detail: target.detail };
  const headers = [...plan.headers, 'idempotency-key', call.executionId];
  const request = { origin: base.origin, method: plan.method, path: target.path, headers, body: target.body };
  return { kind: 'prepared', request, timeoutMs: Math.min(call.timeoutMs, plan.timeoutMs) };
}

// undici reports the death of an idle connection with the socket's own code to whatever was waiting for it.
function diedIdle(cause: Error | 'timeout' | 'cancelled'): boolean {
  return cause instanceof Error && /^(?:ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET)$/.test(codeOf(cause));
}

function failedBefore(cause: Error | 'timeout' | 'cancelled'): UpstreamOutcome {
  if (cause instanceof ConnectionNotMade) return cause.outcome;
  if (cause === 'timeout') return notSent('timeout_before_send', 'No connection in time. Nothing was sent.');
  if (cause === 'cancelled') return notSent('cancelled_before_send', 'The call was cancelled. Nothing was sent.');
  return notSent('connect_failed', `There was no connection to the upstream (${codeOf(cause)}). Nothing was sent.`);
}

function unknownAfter({ cause, status }: Extract<ExchangeEnd, { kind: 'cut' }>): UpstreamOutcome {
  const seen = status === null ? 'before an answer' : `after the answer ${status} had begun`;
  if (cause === 'timeout') return { kind: 'unknown', reason: `The time was up ${seen}.` };
  if (cause === 'cancelled') return { kind: 'unknown', reason: `The call was cancelled ${seen}.` };
  return { kind: 'unknown', reason: `The connection broke off ${seen} (${codeOf(cause)}).` };
}

/** Parsing a config with its schema costs as much as a third of the whole exchange. */
function planOf({ plans }: UpstreamAccess, config: unknown): HttpPlan | null {
  if (typeof config !== 'object' || config === null) return null;
  let plan = plans.get(config);
  if (plan === undefined) {
    const parsed = httpHandlerConfig.safeParse(config);
    plan = parsed.success ? planRequest(parsed.data) : null;
    plans.set(config, plan);
  }
  return plan;
}

function baseOf({ bases, allow }: UpstreamAccess, text: string): Destination | EgressBlock {
  return remembered(bases, text, () => {
    const checked = checkUrl(text, allow);
    if (!checked.ok) return checked;
    if (!httpConnectorConfig.safeParse({ base_url: text }).success) {
      return { ok: false, reason: 'url', detail: 'The base URL of the connector is not a plain origin and path.' };
    }
    return { ...checked, rest: checked.rest.replace(/\/+$/, '') };
  });
}

const MAX_REMEMBERED = 1000;
const MAX_KEY_LENGTH = 16 * 1024;

function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  // Making one again costs microseconds, so the simplest bound will do.
  if (memory.size >= MAX_REMEMBERED) memory.clear();
  if (key.length <= MAX_KEY_LENGTH) memory.set(key, made);
  return made;
}

function codeOf(error: Error & { readonly code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
