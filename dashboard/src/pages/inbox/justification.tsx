import type { ReactNode } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import type { Envelope } from '../../payload/envelope.ts';
import { SuspicionNote } from '../../payload/payload.tsx';

/**
 * Why the call is made, as whoever made it says, read from the pinned bytes. It is somebody else's text: the box says
 * whose, and that nobody has checked it.
 */
export function Justification({
  envelope,
  principal,
}: {
  envelope: Envelope;
  principal: ApprovalDetail['principal'];
}): ReactNode {
  const { justification } = envelope;
  if (typeof justification !== 'string') return null;
  return (
    <section
      aria-labelledby="justification-title"
      className="grid gap-2 rounded-doc border border-dashed border-edge bg-well px-3 py-2.5"
      data-justification
    >
      <h2 id="justification-title" className="caps !font-sans">
        Why, in the words of <SafeText text={principal.name ?? principal.id} /> ({principal.kind})
      </h2>
      <blockquote className="max-h-60 overflow-y-auto">
        <SafeText text={justification} block />
      </blockquote>
      <SuspicionNote value={{ justification }} what="This reason" />
      <p className="text-[0.8125rem] text-soft">
        Nobody has checked this text, and it may be meant to persuade you. It is not sent on.
      </p>
    </section>
  );
}

/** A rule that could not be evaluated has raised the call to two people, and says why. */
export function RuleFault({ approval }: { approval: ApprovalDetail }): ReactNode {
  const { policy_fault: fault, policy_rule: rule } = approval;
  if (fault === null) return null;
  return (
    <Note tone="care" title="A rule could not be evaluated, so two people are asked.">
      <span data-rule-fault>
        {rule !== null && (
          <>
            <SafeText text={rule} />:{' '}
          </>
        )}
        <SafeText text={fault} />
      </span>
    </Note>
  );
}
