import { type About, SESSION_ID } from '../../kernel/runs.ts';
import type { Call } from '../call.ts';
import type { Facts } from './facts.ts';

/**
 * The run that a call belongs to, and whom it is made for. What a call that uses an approval leaves out is as the held
 * call had it; any other belongs to the session that it came in, if that is one.
 */
export function aboutOf(call: Call, { approval }: Pick<Facts, 'approval'>): About {
  const runId = call.runId ?? (approval ? approval.runId : call.sessionRunId);
  const onBehalfOf = call.onBehalfOf ?? approval?.onBehalfOf;
  return { ...(runId !== undefined && { runId }), ...(onBehalfOf !== undefined && { onBehalfOf }) };
}

/** Runs as labels are kept for them (0015_runs.sql). */
export type RunKeys = {
  /** Those whose labels count for the call. */
  readonly read: readonly string[];
  /** Those that get the labels which its results put on the run. */
  readonly write: readonly string[];
};

/**
 * Whose labels count for a call, and where new ones go. Everything that a token does is one open run: its labels count
 * for a call that names no run, and, unless the client's application is trusted to name the runs, for every other too. So
 * neither another name nor none loses a label. An MCP session is no name that anybody gave: another one is opened by asking.
 */
export function runKeys(call: Call, facts: Pick<Facts, 'approval' | 'token' | 'principal' | 'client'>): RunKeys {
  const { token, principal, client } = facts;
  return keysOf({
    runId: aboutOf(call, facts).runId ?? null,
    holderId: token?.id ?? principal.id,
    trusted: client?.trustedRunIds ?? false,
  });
}

/** The same of a call that is recorded: `holderId` is its token, or the member who made it. */
export function keysOf(of: {
  readonly runId: string | null;
  readonly holderId: string;
  readonly trusted: boolean;
}): RunKeys {
  const open = `open:${of.holderId}`;
  if (of.runId === null) return { read: [open], write: [open] };
  const named = `run:${of.runId}`;
  const keepsOwn = of.trusted && !SESSION_ID.test(of.runId);
  return { read: keepsOwn ? [named] : [named, open], write: [named, open] };
}
