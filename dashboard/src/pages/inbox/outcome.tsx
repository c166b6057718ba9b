import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Countdown } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';
import { obstacleTitle } from './obstacle.ts';
import { isUnderWay } from './under-way.ts';

export type Verdict = {
  readonly tone: 'act' | 'care' | 'bad' | 'good';
  readonly title: string;
  readonly text?: ReactNode;
};

/** What came of it after the decision, before everything else there is to read. */
export function Outcome({ approval }: { approval: ApprovalDetail }): ReactNode {
  const slug = useSlug();
  const verdict = verdictOf(approval);
  if (verdict === null) return null;
  return (
    <div data-outcome={approval.execution.status} aria-live="polite">
      <Note tone={verdict.tone} title={verdict.title}>
        {verdict.text}{' '}
        <Link
          to="/w/$slug/activity/$id"
          params={{ slug, id: approval.execution.id }}
          className="font-semibold text-accent underline"
        >
          The call's whole story
        </Link>
      </Note>
    </div>
  );
}

/** The end of a call in the words of the states, or null while nothing is decided. */
export function verdictOf(approval: ApprovalDetail): Verdict | null {
  const { status, execution, expires_at, obstacle } = approval;
  if (status === 'pending') return null;
  if (isUnderWay(approval)) return { tone: 'act', title: 'Approved. It is running…' };
  switch (execution.status) {
    case 'executed':
      return { tone: 'good', title: 'Executed. It was carried out once.' };
    case 'failed':
      return {
        tone: 'bad',
        title: 'Failed. It was carried out and ended in an error.',
        text: 'The error is recorded.',
      };
    case 'unknown':
      return {
        tone: 'care',
        title: 'Unknown. It was sent, and whether it was carried out is not known.',
        text: 'Look in the upstream before anybody tries again: it is not repeated by itself.',
      };
    case 'denied':
      return {
        tone: 'bad',
        title: refusal(status),
        text: `${execution.code && status !== 'denied' ? `The reason is ${execution.code}. ` : ''}Nothing was sent.`,
      };
    case 'cancelled':
      return { tone: 'act', title: approval.cancelled_because ?? 'Cancelled.', text: 'Nothing was sent.' };
    default:
      if (status === 'approved' && obstacle)
        return {
          tone: 'care',
          title: `Approved, and not carried out. ${obstacleTitle(obstacle)}`,
          text: obstacle.detail,
        };
      if (status !== 'approved') return { tone: 'act', title: 'It ended without a call.', text: 'Nothing was sent.' };
      return {
        tone: 'act',
        title: 'Approved. It waits for the agent.',
        text: (
          <>
            It runs when the agent calls again with this approval, <Countdown until={expires_at} />.
          </>
        ),
      };
  }
}

function refusal(status: string): string {
  if (status === 'denied') return 'Denied.';
  if (status === 'expired') return 'Expired. The time was over before it could run.';
  return 'Refused. It was approved, and the gate refused it when it was to run.';
}
