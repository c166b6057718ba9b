import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { query } from '../../api/http.ts';
import type { KillSwitchView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Checkbox, TextField } from '../../components/field.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useName } from '../../names.tsx';
import { useHere } from '../../workspace.tsx';

/** Resuming asks twice: the dialog, and in it a tick that one has looked. */
export function LiftDialog({ lifting, onClose }: { lifting: KillSwitchView; onClose: () => void }): ReactNode {
  const { workspace } = useHere();
  const name = useName(lifting.target_id ?? '');
  const what =
    lifting.target_id === null ? `all of ${workspace.name}` : `the ${lifting.scope} ${name ?? lifting.target_id}`;
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const lift = useChange<string>(
    (why) => ({ path: `/v1/kill-switches/${lifting.id}${query({ reason: why })}`, method: 'DELETE' }),
    {
      families: ['switches'],
      said: `Calls pass again: ${what}.`,
      done: onClose,
    },
  );
  return (
    <FormDialog
      open
      onClose={onClose}
      title={`Resume ${what}?`}
      submit="Resume calls"
      busy={lift.isPending}
      ready={sure}
      problem={<ProblemNote problem={lift.error} />}
      onSubmit={() => lift.mutate(reason.trim())}
    >
      <Note tone="care" title="It was stopped because">
        <SafeText text={lifting.reason} />
      </Note>
      <TextField
        label="Why it may go on"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <Checkbox
        label="The cause is gone, and calls may pass again"
        checked={sure}
        onChange={(event) => setSure(event.target.checked)}
      />
    </FormDialog>
  );
}
