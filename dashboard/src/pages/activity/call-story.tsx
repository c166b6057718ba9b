import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { ApprovalDetail, ExecutionDetail } from '../../api/types.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { ErrorState } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { SuspicionNote } from '../../payload/payload.tsx';
import { Structured } from '../../payload/structured.tsx';
import { useSlug } from '../../workspace.tsx';

/** What happened to a call, step by step, oldest first. */
export function CallStory({ call }: { call: ExecutionDetail }): ReactNode {
  const slug = useSlug();
  const approval = useQuery({ ...queries.approval(slug, call.approval_id ?? ''), enabled: call.approval_id !== null });
  return (
    <ol className="grid">
      <Step title="Asked" at={call.created_at}>
        {call.arguments === null ? (
          <p className="text-soft">The arguments were not kept.</p>
        ) : (
          <>
            <SuspicionNote value={call.arguments} />
            <Structured value={call.arguments} />
          </>
        )}
      </Step>
      {approval.error && <ErrorState problem={approval.error} onRetry={() => void approval.refetch()} />}
      {approval.data && <ApprovalSteps approval={approval.data} />}
      {call.started_at && (
        <Step title="Sent to the upstream" at={call.started_at}>
          <p className="text-soft">Recorded before it was sent, so that it cannot happen unseen.</p>
        </Step>
      )}
      <End call={call} />
    </ol>
  );
}

function Step({
  title,
  at,
  tone = '',
  children,
}: {
  title: ReactNode;
  at: string | null;
  tone?: string;
  children?: ReactNode;
}): ReactNode {
  return (
    <li className="relative border-l-2 border-rule pb-4 pl-4 last:border-transparent last:pb-0">
      <span
        aria-hidden="true"
        className={`absolute top-1.5 -left-[0.4375rem] size-3 rounded-full border-2 border-sheet ${tone || 'bg-edge'}`}
      />
      <p className="flex items-baseline justify-between gap-3">
        <strong className="min-w-0 break-words">{title}</strong>
        {at && (
          <span className="text-sm text-soft">
            <Time at={at} clock />
          </span>
        )}
      </p>
      <div className="mt-1 grid gap-2 text-sm">{children}</div>
    </li>
  );
}

function ApprovalSteps({ approval }: { approval: ApprovalDetail }): ReactNode {
  const slug = useSlug();
  return (
    <>
      <Step title={approval.votes_needed > 1 ? 'Held for two approvals' : 'Held for approval'} at={approval.created_at}>
        <Link
          to="/w/$slug/inbox/$id"
          params={{ slug, id: approval.id }}
          className="w-fit font-semibold text-accent underline"
        >
          The approval, with the exact bytes
        </Link>
      </Step>
      {approval.decisions.map(({ user_id, name, decision, reason, at }) => (
        <Step
          key={user_id}
          title={
            <>
              <SafeText text={name} /> {decision === 'granted' ? 'approved' : 'denied'}
            </>
          }
          at={at}
          tone={decision === 'granted' ? 'bg-yes' : 'bg-no'}
        >
          {reason && <SafeText text={reason} block />}
        </Step>
      ))}
    </>
  );
}

function End({ call }: { call: ExecutionDetail }): ReactNode {
  switch (call.status) {
    case 'executed':
      return (
        <Step title="Executed" at={call.finished_at} tone="bg-yes">
          <Structured value={call.result} />
        </Step>
      );
    case 'failed':
      return (
        <Step title="Failed" at={call.finished_at} tone="bg-no">
          <p className="text-soft">The upstream answered with an error.</p>
          <Structured value={call.error ?? call.result} />
        </Step>
      );
    case 'unknown':
      return (
        <Step title="Outcome unknown" at={call.finished_at} tone="bg-care">
          <p>It was sent, but no answer was recorded. Look in the upstream before anybody tries again.</p>
        </Step>
      );
    case 'denied':
      return (
        <Step
          title={<>Refused at the step {call.step ?? 'unknown'}</>}
          at={call.finished_at ?? call.created_at}
          tone="bg-no"
        >
          <p>
            <code className="font-mono text-xs font-semibold">{call.code}</code>{' '}
            {call.detail && <SafeText text={call.detail} />}
          </p>
        </Step>
      );
    case 'cancelled':
      return <Step title={call.detail ?? 'Cancelled'} at={call.finished_at} />;
    case 'running':
      return <Step title="Running…" at={null} tone="bg-accent" />;
    default:
      return <Step title="Waiting for a decision…" at={null} tone="bg-accent" />;
  }
}
