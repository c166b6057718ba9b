import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { PreviewView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useAnnounce } from '../../shell/announce.tsx';
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
  const announce = useAnnounce();
  const [scope, setScope] = useState(['tool', 'client'].includes(first) ? first : 'workspace');
  const [id, setId] = useState(target);
  const [reason, setReason] = useState('');
  const aim = (next: string): void => {
    setScope(next);
    setId('');
  };
  const tools = useQuery(queries.tools(slug, { status: 'active' }));
  const clients = useQuery(queries.clients(slug, { status: 'active' }));
  const targets = scope === 'tool' ? tools.data?.items : clients.data?.items;
  const isAimed = scope === 'workspace' || id !== '';
  const preview = useQuery({ ...queries.preview(slug, scope, scope === 'workspace' ? '' : id), enabled: isAimed });
  const flip = useChange<Input>((body) => ({ path: '/v1/kill-switches', method: 'POST', body }), {
    families: ['switches', 'approvals'],
    done() {
      announce('Stopped.');
      onClose();
    },
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
        <Select label={scope === 'tool' ? 'Tool' : 'Client'} value={id} onChange={(event) => setId(event.target.value)}>
          <option value="">Choose one</option>
          {targets?.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
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
