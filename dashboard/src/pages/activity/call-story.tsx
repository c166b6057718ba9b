import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { ApprovalDetail, ExecutionDetail } from '../../api/types.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { ErrorState } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { SuspicionNote } from '../../payload/payload.tsx';
import { Structured } from '../../payload/structured.tsx';
import { useSlug } from '../../workspace.tsx';

/** One thing that happened; `at` is null where nothing says when. */
type Happened = { readonly key: string; readonly at: string | null; readonly show: (at: string | null) => ReactNode };

/** What happened to a call, step by step, oldest first, as the server knows it. */
export function CallStory({ call }: { call: ExecutionDetail }): ReactNode {
  const slug = useSlug();
  const approval = useQuery({ ...queries.approval(slug, call.approval_id ?? ''), enabled: call.approval_id !== null });
  const { first, between, end } = storyOf(call, approval.data);
  return (
    <ol className="grid">
      {first.show(first.at)}
      {approval.error && (
        <li>
          <ErrorState problem={approval.error} onRetry={() => void approval.refetch()} />
        </li>
      )}
      {between.map(({ key, at, show }) => (
        <Fragment key={key}>{show(at)}</Fragment>
      ))}
      {end.show(end.at)}
    </ol>
  );
}

/** The steps in the order of their times: one never stands before what happened before it. */
function storyOf(call: ExecutionDetail, approval: ApprovalDetail | undefined) {
  const first = asked(call);
  const between = [...(approval ? decided(approval) : []), ...sending(call)].sort(
    (one, other) => msOf(one.at) - msOf(other.at),
  );
  const latest = Math.max(msOf(first.at), ...between.map(({ at }) => msOf(at)));
  const end = endOf(call);
  // A time from before the last step is when the call was asked for, and not when it ended.
  const isLate = end.at !== null && msOf(end.at) >= latest;
  return { first, between, end: { ...end, at: isLate ? end.at : null } };
}

const msOf = (at: string | null): number => (at === null ? 0 : Date.parse(at));

function asked(call: ExecutionDetail): Happened {
  return {
    key: 'asked',
    at: call.created_at,
    show: (at) => (
      <Step title="Asked" at={at}>
        {call.arguments === null ? (
          <p className="text-soft">The arguments were not kept.</p>
        ) : (
          <>
            <SuspicionNote value={call.arguments} />
            <Structured value={call.arguments} />
          </>
        )}
      </Step>
    ),
  };
}

function decided(approval: ApprovalDetail): Happened[] {
  return [
    {
      key: 'held',
      at: approval.created_at,
      show: (at) => (
        <Step title={approval.votes_needed > 1 ? 'Held for two approvals' : 'Held for approval'} at={at}>
          <ApprovalLink id={approval.id} />
        </Step>
      ),
    },
    ...approval.decisions.map(({ user_id, name, decision, reason, at }) => ({
      key: `decided ${user_id}`,
      at,
      show: (when: string | null) => (
        <Step
          title={
            <>
              <SafeText text={name} /> {decision === 'granted' ? 'approved' : 'denied'}
            </>
          }
          at={when}
          tone={decision === 'granted' ? 'bg-yes' : 'bg-no'}
        >
          {reason && <SafeText text={reason} block />}
        </Step>
      ),
    })),
  ];
}

function ApprovalLink({ id }: { id: string }): ReactNode {
  return (
    <Link
      to="/w/$slug/inbox/$id"
      params={{ slug: useSlug(), id }}
      className="inline-block min-h-6 w-fit font-semibold text-accent underline"
    >
      The approval, with the exact bytes
    </Link>
  );
}

/** Failures after which a request had left; every other one means that no byte of it did (upstream/outcome.ts). */
const FAILED_AFTER_SENDING: ReadonlySet<string> = new Set(['upstream_error', 'redirect_refused']);

/** What is known of the sending: an intent on disk is not yet a request on its way. */
function sending(call: ExecutionDetail): Happened[] {
  const { started_at: at, status, code } = call;
  if (at === null) return [];
  const step = (title: string, said: string): Happened[] => [
    {
      key: 'sending',
      at,
      show: (when) => (
        <Step title={title} at={when}>
          <p className="text-soft">{said}</p>
        </Step>
      ),
    },
  ];
  const wasSent =
    status === 'executed' || status === 'unknown' || (status === 'failed' && FAILED_AFTER_SENDING.has(code ?? ''));
  if (wasSent) return step('Sent to the upstream', 'Recorded before it was sent, so that it cannot happen unseen.');
  if (status === 'running') return step('Being sent', 'Recorded before it is sent, so that it cannot happen unseen.');
  return step('Recorded, to be sent', 'It was not sent: nothing of it left the gate.');
}

/** Refusals that somebody or something outside the call itself made, in words. */
const REFUSED_BY: Readonly<Record<string, string>> = {
  kill_switch: 'Refused: a kill switch was on',
  egress_blocked: 'Refused: the egress guard blocked the destination',
  approval_denied: 'Refused: the approval was denied',
  approval_expired: 'Refused: nobody decided in time',
  approval_cancelled: 'Refused: the approval was cancelled',
  definition_drift: 'Refused: the tool changed after it was asked for',
};

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

function endOf(call: ExecutionDetail): Happened {
  const { status, code, step, detail } = call;
  const at = call.finished_at ?? (status === 'denied' && call.approval_id === null ? call.created_at : null);
  const end = (title: ReactNode, tone: string, children?: ReactNode): Happened => ({
    key: 'end',
    at,
    show: (when) => (
      <Step title={title} at={when} tone={tone}>
        {children}
      </Step>
    ),
  });
  switch (status) {
    case 'executed':
      return end('Executed', 'bg-yes', <Structured value={call.result} />);
    case 'failed':
      return end(
        'Failed',
        'bg-no',
        <>
          <p className="text-soft">
            {FAILED_AFTER_SENDING.has(code ?? '')
              ? 'The upstream answered with an error.'
              : 'The upstream could not be reached: nothing was sent.'}
          </p>
          <Structured value={call.error ?? call.result} />
        </>,
      );
    case 'unknown':
      return end(
        'Outcome unknown',
        'bg-care',
        <p>It was sent, but no answer was recorded. Look in the upstream before anybody tries again.</p>,
      );
    case 'denied':
      return end(
        REFUSED_BY[code ?? ''] ?? `Refused at the step ${step ?? 'unknown'}`,
        'bg-no',
        <>
          <p>
            <code className="font-mono text-xs font-semibold">{code}</code> {detail && <SafeText text={detail} />}
          </p>
          <p className="text-soft">Nothing was sent.</p>
        </>,
      );
    case 'cancelled':
      return end(detail ?? 'Cancelled', '', <p className="text-soft">Nothing was sent.</p>);
    case 'running':
      return end('Running…', 'bg-accent');
    default:
      return end('Waiting for a decision…', 'bg-accent');
  }
}
