import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { PreviewView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { activeClients, activeTools } from '../../components/pick-sources.ts';
import { Picker } from '../../components/picker.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useName } from '../../names.tsx';
import { useSlug } from '../../workspace.tsx';

type Input = { scope: string; id?: string; reason: string };

/** Stopping is one step: what, why, go. The preview says what it hits before it is flipped. */
export function FlipDialog({
  scope: first,
  target,
  onClose,
}: {
  scope: string;
  target: string;
  onClose: () => void;
}): ReactNode {
  const slug = useSlug();
  const [scope, setScope] = useState(['tool', 'client'].includes(first) ? first : 'workspace');
  const [id, setId] = useState(target);
  const name = useName(id) ?? id;
  const [reason, setReason] = useState('');
  const aim = (next: string): void => {
    setScope(next);
    setId('');
  };
  const isAimed = scope === 'workspace' || id !== '';
  const preview = useQuery({ ...queries.preview(slug, scope, scope === 'workspace' ? '' : id), enabled: isAimed });
  const flip = useChange<Input>((body) => ({ path: '/v1/kill-switches', method: 'POST', body }), {
    families: ['switches', 'approvals'],
    said: `Stopped: ${scope === 'workspace' ? 'every call in this workspace' : `the ${scope} ${name}`}.`,
    done: onClose,
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Stop calls"
      submit="Stop now"
      kind="no"
      busy={flip.isPending}
      ready={isAimed && reason.trim() !== ''}
      problem={<ProblemNote problem={flip.error} />}
      onSubmit={() => flip.mutate({ scope, ...(scope !== 'workspace' && { id }), reason: reason.trim() })}
    >
      <Select label="What" value={scope} onChange={(event) => aim(event.target.value)}>
        <option value="workspace">The whole workspace</option>
        <option value="tool">One tool</option>
        <option value="client">One client</option>
      </Select>
      {scope !== 'workspace' && (
        <Picker
          key={scope}
          label={scope === 'tool' ? 'Tool' : 'Client'}
          source={scope === 'tool' ? activeTools : activeClients}
          value={id}
          onChange={setId}
        />
      )}
      {isAimed && preview.data && <Preview preview={preview.data} />}
      {isAimed && <ProblemNote problem={preview.error} />}
      <TextField
        label="Reason"
        hint="On every page while it is on, and in the audit log."
        required
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}

function Preview({ preview }: { preview: PreviewView }): ReactNode {
  const { clients, grants, open_approvals: approvals, already_on } = preview;
  return (
    <div data-preview>
      <Note
        tone="care"
        title={`Stops ${count(clients, 'client')}, ${count(grants, 'grant')} and ${count(approvals, 'open approval')}.`}
      >
        {already_on ? 'A switch is on here already.' : 'Calls that run already are not called back.'}
      </Note>
    </div>
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
