import { type ReactNode, useState } from 'react';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

type Props = { open: boolean; busy: boolean; problem: unknown; onClose: () => void; onDeny: (reason: string) => void };

/** Denying ends the approval for everybody, so it says why. The agent's owner reads the reason. */
export function DenyDialog({ open, busy, problem, onClose, onDeny }: Props): ReactNode {
  const [reason, setReason] = useState('');
  return (
    <FormDialog
      open={open}
      onClose={onClose}
      title="Deny this call"
      description="Nothing is sent. One denial is enough, also where two people must approve."
      submit="Deny"
      kind="no"
      busy={busy}
      ready={reason.trim() !== ''}
      problem={<ProblemNote problem={problem} />}
      onSubmit={() => onDeny(reason.trim())}
    >
      <TextArea
        label="Reason"
        hint="Kept in the audit log."
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
