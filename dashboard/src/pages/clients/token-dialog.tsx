import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { ClientView, CreatedTokenView, TokenView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

const LIVES = [
  ['', 'no end'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
] as const;
const OVERLAPS = [
  ['0', 'ends at once'],
  ['3600', 'an hour more'],
  ['86400', 'a day more'],
  ['604800', 'a week more'],
] as const;

type Props = {
  client: ClientView;
  rotating: TokenView | undefined;
  onClose: () => void;
  onMade: (token: CreatedTokenView) => void;
};

/** Makes a token, or one that replaces another while that one lives on for a chosen time. */
export function TokenDialog({ client, rotating, onClose, onMade }: Props): ReactNode {
  const [name, setName] = useState('');
  const [days, setDays] = useState(rotating ? '' : '90');
  const [overlap, setOverlap] = useState('86400');
  const root = `/v1/clients/${client.id}/tokens`;
  const make = useChange<void, CreatedTokenView>(
    () => ({
      path: rotating ? `${root}/${rotating.id}/rotate` : root,
      method: 'POST',
      body: {
        ...(rotating ? { overlap_seconds: Number(overlap) } : { name }),
        ...(days && { expires_in_days: Number(days) }),
      },
    }),
    { families: ['clients'], done: onMade },
  );
  return (
    <FormDialog
      open
      onClose={onClose}
      title={rotating ? `Rotate ${rotating.name}` : 'New token'}
      description="The token is shown once, right after this."
      submit={rotating ? 'Rotate' : 'Make the token'}
      busy={make.isPending}
      ready={rotating !== undefined || name.trim() !== ''}
      problem={<ProblemNote problem={make.error} />}
      onSubmit={() => make.mutate()}
    >
      {rotating ? (
        <Select label="The old token" value={overlap} onChange={(event) => setOverlap(event.target.value)}>
          {OVERLAPS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      ) : (
        <TextField
          label="Name"
          placeholder="production"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Select label="Lives for" value={days} onChange={(event) => setDays(event.target.value)}>
        {LIVES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </FormDialog>
  );
}
