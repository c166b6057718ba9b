import type { ReactNode } from 'react';
import { ApiProblem } from '../../api/http.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea } from '../../components/field.tsx';
import { CopyButton } from '../../components/snippet.tsx';
import { ProblemNote } from '../../components/states.tsx';

type Props = {
  open: boolean;
  /** How many calls are denied with one reason. */
  count?: number;
  reason: string;
  onReason: (reason: string) => void;
  busy: boolean;
  problem: unknown;
  /** Why it cannot be denied any longer, or not now. The reason that was being written stays, to be copied. */
  closed?: string | null;
  onClose: () => void;
  onDeny: (reason: string) => void;
};

const REASON_MAX = 2_000;

/**
 * Denying ends the approval for everybody, so it says why. The agent's owner reads the reason. Whatever happens to the
 * approval meanwhile, the dialog stays and with it what was written.
 */
export function DenyDialog({
  open,
  count = 1,
  reason,
  onReason,
  busy,
  problem,
  closed = null,
  onClose,
  onDeny,
}: Props): ReactNode {
  const isSignedOut = problem instanceof ApiProblem && problem.status === 401;
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title={count === 1 ? 'Deny this call' : `Deny ${count} calls`}
      description={
        count === 1
          ? 'Nothing is sent. One denial is enough, also where two people must approve.'
          : 'Nothing of them is sent. Each is denied by itself, with the same reason.'
      }
      submit={count === 1 ? 'Deny' : `Deny ${count}`}
      kind="no"
      busy={busy}
      ready={reason.trim() !== '' && closed === null}
      problem={<ProblemNote problem={problem}>{isSignedOut && 'What you wrote stays here.'}</ProblemNote>}
      onSubmit={() => onDeny(reason.trim())}
    >
      {closed !== null && (
        <div data-closed>
          <Note tone="care" alert title={closed}>
            {reason !== '' && 'What you wrote stays here, and you can copy it.'}
          </Note>
        </div>
      )}
      <TextArea
        label="Reason"
        hint="Kept in the audit log."
        required
        maxLength={REASON_MAX}
        value={reason}
        onChange={(event) => onReason(event.target.value)}
      />
      {reason !== '' && (closed !== null || isSignedOut) && (
        <div>
          <CopyButton text={reason} label="Copy the reason" />
        </div>
      )}
    </FormDialog>
  );
}
