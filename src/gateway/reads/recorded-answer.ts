import { type RawBuilder, sql } from 'kysely';
import { deny, type RefusalCode, type Step } from '../../kernel/codes.ts';
import type { Tables } from '../../store/tables.ts';
import { formOfKind } from '../../upstream/shapes.ts';
import type { Answer } from '../call.ts';

/** What {@link recordedAnswer} needs of a call in the list. */
export const ANSWER_COLUMNS = ['id', 'status', 'step', 'code', 'detail', 'result', 'error'] as const;
type Recorded = Pick<Tables['agent_execution_logs'], (typeof ANSWER_COLUMNS)[number]> & {
  readonly handler_kind: string | null;
};

/**
 * The kind of the tool that the call `e` of a query was made with. What a tool is of stays: those whose results have a form
 * of their own are never edited into another kind, nor others into theirs.
 */
export const HANDLER_KIND: RawBuilder<string | null> = sql<string | null>`(
  select t.handler_kind from tools t where t.tenant_id = e.tenant_id and t.id = e.tool_id)`;

/** The answer of a recorded call, or undefined while it waits or runs. */
export function recordedAnswer({ id: executionId, ...recorded }: Recorded): Answer | undefined {
  const { status, step, code, detail, result, error } = recorded;
  const form = recorded.handler_kind === null ? undefined : formOfKind(recorded.handler_kind);
  switch (status) {
    case 'executed':
      return { kind: 'executed', executionId, result: result ?? 'null', ...(form && { form }) };
    case 'failed':
      return { kind: 'failed', executionId, error: error ?? 'null', ...(form && { form }) };
    case 'unknown':
      return { ...deny('outcome_unknown'), executionId };
    case 'denied':
    case 'cancelled':
      return {
        ...deny(code as RefusalCode, detail ?? undefined),
        ...(step !== null && { step: step as Step }),
        executionId,
      };
    case 'pending_approval':
    case 'running':
      return undefined;
  }
}
