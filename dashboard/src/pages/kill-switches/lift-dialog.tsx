import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { query } from '../../api/http.ts';
import type { KillSwitchView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Checkbox, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useAnnounce } from '../../shell/announce.tsx';

/** Resuming asks twice: the dialog, and in it a tick that one has looked. */
export function LiftDialog({
  lifting,
  what,
  onClose,
}: {
  lifting: KillSwitchView;
  what: string;
  onClose: () => void;
}): ReactNode {
  const announce = useAnnounce();
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const lift = useChange<string>(
    (why) => ({ path: `/v1/kill-switches/${lifting.id}${query({ reason: why })}`, method: 'DELETE' }),
    {
      families: ['switches'],
      done() {
        announce('Resumed.');
        onClose();
      },
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
        {lifting.reason}
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
