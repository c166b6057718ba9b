import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { KillSwitchView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';

const MINUTES = ['5', '15', '30', '60', '240'] as const;

/** Break-glass: an owner lets calls pass one switch for a limited time, and says why. */
export function GlassDialog({ of: each, onClose }: { of: KillSwitchView; onClose: () => void }): ReactNode {
  const [minutes, setMinutes] = useState<string>('15');
  const [reason, setReason] = useState('');
  const lift = useChange<void>(
    () => ({
      path: `/v1/kill-switches/${each.id}/break-glass`,
      method: 'POST',
      body: { minutes: Number(minutes), reason: reason.trim() },
    }),
    { families: ['switches', 'approvals'], said: `Calls pass for ${minutes} minutes.`, done: onClose },
  );
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Let calls pass for a time?"
      submit="Break the glass"
      kind="no"
      busy={lift.isPending}
      ready={reason.trim() !== ''}
      problem={<ProblemNote problem={lift.error} />}
      onSubmit={() => lift.mutate()}
    >
      <Note tone="care" title="It was stopped because">
        <SafeText text={each.reason} />
      </Note>
      <p className="text-soft">
        The switch stays on and stops calls again by itself. Until then every page says so, and so does the entry of
        every call that passes.
      </p>
      <Select label="For how long" value={minutes} onChange={(event) => setMinutes(event.target.value)}>
        {MINUTES.map((each) => (
          <option key={each} value={each}>
            {each} minutes
          </option>
        ))}
      </Select>
      <TextField
        label="Why calls have to pass now"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
