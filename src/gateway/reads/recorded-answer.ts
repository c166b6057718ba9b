import { deny, type RefusalCode } from '../../kernel/codes.ts';
import type { Tables } from '../../store/tables.ts';
import type { Answer } from '../call.ts';

/** What {@link recordedAnswer} needs of a call in the list. */
export const ANSWER_COLUMNS = ['id', 'status', 'code', 'detail', 'result', 'error'] as const;
type Recorded = Pick<Tables['agent_execution_logs'], (typeof ANSWER_COLUMNS)[number]>;

/** The answer of a recorded call, or undefined while it waits or runs. */
export function recordedAnswer({ id: executionId, status, code, detail, result, error }: Recorded): Answer | undefined {
  switch (status) {
    case 'executed':
      return { kind: 'executed', executionId, result: result ?? 'null' };
    case 'failed':
      return { kind: 'failed', executionId, error: error ?? 'null' };
    case 'unknown':
      return { ...deny('outcome_unknown'), executionId };
    case 'denied':
    case 'cancelled':
      return { ...deny(code as RefusalCode, detail ?? undefined), executionId };
    case 'pending_approval':
    case 'running':
      return undefined;
  }
}
