import { aboutCall } from '../../kernel/call-summary.ts';
import type { Policy } from '../../kernel/codes.ts';
import type { About } from '../../kernel/runs.ts';
import type { Grounds, InLists, Requires } from '../../store/flush/rows.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import type { Hold } from '../rule/ruling.ts';
import { brokenGlass } from '../rule/steps/kill-switch.ts';

/** What writes about a call say alike: what they rest on, what they need, and what of the call is told. */

/** What a ruling rests on: the facts' version, and the end of the credential and of what was lifted for a time. */
export function groundsOf({ credential }: Call, facts: Facts): Grounds {
  const { version, token } = facts;
  const ends = credential.kind === 'token' ? (token?.expiresAt ?? null) : null;
  let not_after = ends;
  for (const { liftedUntil } of brokenGlass(facts)) {
    if (not_after === null || liftedUntil! < not_after) not_after = liftedUntil;
  }
  return { version, not_after };
}

/** What passes only because an owner has lifted a switch for a time says so, wherever it is read. */
export function loud(facts: Facts): { readonly break_glass?: readonly string[] } {
  const broken = brokenGlass(facts);
  return broken.length === 0 ? {} : { break_glass: broken.map(({ id }) => id) };
}

/** What is recorded of every call that begins, waits or is refused. */
export function callOf(call: Call, facts: Facts, policy: Policy | null) {
  return {
    records: 'call',
    ...groundsOf(call, facts),
    token_id: facts.token?.id ?? null,
    tool_id: facts.tool?.id ?? null,
    tool_name: call.toolName,
    effect: facts.tool?.effect ?? null,
    policy,
    via: call.via,
  } as const;
}

/** The rule that raised the policy of a call, for its entries; nothing where none did. */
export function ruleOf({ rule, ruleFault }: Pick<Hold, 'rule' | 'ruleFault'>): Record<string, string> {
  return { ...(rule !== null && { policy_rule: rule }), ...(ruleFault !== null && { policy_fault: ruleFault }) };
}

/** The sign-in that a member's call is made in. */
export function sessionOf({ credential }: Call): string | undefined {
  return credential.kind === 'member' ? credential.sessionId : undefined;
}

/** What an entry says of the run. Whom a call is made for may be a person, who is not written into the log. */
export function inRun({ runId }: About): { readonly run_id?: string } {
  return runId === undefined ? {} : { run_id: runId };
}

export function requiresOf(
  call: Call,
  facts: Facts,
  executionId: string,
  {
    run,
    ...more
  }: Pick<Requires, 'approval' | 'hold' | 'draft' | 'said'> & { readonly run?: Requires['run'] | undefined } = {},
): Requires {
  const sessionId = sessionOf(call);
  return {
    principal_id: facts.principal.id,
    execution_id: executionId,
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(call.draft !== undefined && { draft: call.draft }),
    ...(call.idempotencyKey !== undefined && {
      idempotency: { key: call.idempotencyKey, request_sha256: call.requestSha256! },
    }),
    ...(run !== undefined && { run }),
    ...more,
  };
}

/** What lists say of a call that waits, without its payload. */
export const saidOf = ({ arguments: args, justification = '' }: Call, { tool }: Facts): InLists =>
  aboutCall(tool!, tool!.schema.annotations(), args, justification);
