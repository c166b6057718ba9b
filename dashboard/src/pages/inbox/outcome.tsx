import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Countdown } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';
import { isUnderWay } from './under-way.ts';

type Verdict = { readonly tone: 'act' | 'care' | 'bad' | 'good'; readonly title: string; readonly text?: ReactNode };

/** What came of it after the decision. */
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

function verdictOf(approval: ApprovalDetail): Verdict | null {
  const { status, execution, expires_at } = approval;
  if (status === 'pending') return null;
  if (isUnderWay(approval)) return { tone: 'act', title: 'Approved. It is running…' };
  switch (execution.status) {
    case 'executed':
      return { tone: 'good', title: 'Executed. The upstream took it once.' };
    case 'failed':
      return {
        tone: 'bad',
        title: 'It ran and failed.',
        text: 'The upstream answered with an error, which is recorded.',
      };
    case 'unknown':
      return {
        tone: 'care',
        title: 'It was sent, but its outcome is unknown.',
        text: 'Look in the upstream before anybody tries again: it is not repeated by itself.',
      };
    case 'denied':
      return {
        tone: 'bad',
        title: denial(status),
        text: execution.code && status !== 'denied' ? `The reason is ${execution.code}.` : 'Nothing was sent.',
      };
    case 'cancelled':
      return { tone: 'act', title: approval.cancelled_because ?? 'Cancelled.', text: 'Nothing was sent.' };
    default:
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

function denial(status: string): string {
  if (status === 'denied') return 'Denied.';
  if (status === 'expired') return 'The time was over before it could run.';
  return 'Refused when it was to run.';
}
