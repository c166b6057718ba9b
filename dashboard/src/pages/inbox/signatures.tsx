import type { ReactNode } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { SafeText } from '../../components/safe-text.tsx';
import { Time } from '../../components/time.tsx';

/** Who has signed, who refused, and who still may: one line for every signature that is needed. */
export function Signatures({ approval }: { approval: ApprovalDetail }): ReactNode {
  const { decisions, votes_needed, deciders, status } = approval;
  const granted = decisions.filter(({ decision }) => decision === 'granted');
  const denied = decisions.filter(({ decision }) => decision === 'denied');
  const counting = granted.filter(({ counts }) => counts).length;
  const empty = status === 'pending' ? Math.max(0, votes_needed - counting) : 0;
  if (granted.length + denied.length + empty === 0) return null;
  return (
    <section aria-label="Signatures">
      <ol className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        {[...granted, ...denied].map(({ user_id, name, decision, reason, at, counts }) => (
          <li key={user_id} data-signed={counts ? decision : 'void'}>
            <p className={`sign-line ${decision === 'denied' ? 'text-no' : 'text-ink'}`}>
              <SafeText text={name} />
            </p>
            <p className="mt-1 text-sm text-soft">
              {decision === 'granted' ? 'approved' : 'denied'} at <Time at={at} />
              {!counts && ': counts no more, because they may not decide this any longer'}
            </p>
            {reason && (
              <blockquote className="mt-1 text-sm">
                <SafeText text={reason} block />
              </blockquote>
            )}
          </li>
        ))}
        {Array.from({ length: empty }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: empty lines are alike
          <li key={at} data-signed="nobody">
            <p className="sign-line" />
            <p className="mt-1 text-sm text-soft">
              {votes_needed > 1 ? `signature ${counting + at + 1} of ${votes_needed}` : 'signature'}
            </p>
          </li>
        ))}
      </ol>
      {status === 'pending' && (
        <p className="mt-2 text-sm text-soft">
          {deciders.length === 0
            ? 'Nobody here may decide this. Add an admin who neither asked for it nor set it up.'
            : `May sign: ${deciders.map(({ name }) => name).join(', ')}.`}
        </p>
      )}
    </section>
  );
}
