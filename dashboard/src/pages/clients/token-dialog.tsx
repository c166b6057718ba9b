import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import type { ClientView, CreatedTokenView, TokenView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

const NO_END = ['', 'no end'] as const;
const LIVES = [
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

const WORDS = { expires_in_days: 'Lives for', overlap_seconds: 'The old token' };
const DAY_MS = 86_400_000;

/** Without a time of its own, a new token lives as long as the one it replaces was given (registry/tokens/rotate.ts). */
function likeBefore({ created_at, expires_at }: TokenView): readonly [string, string] {
  if (expires_at === null) return ['', 'no end, as the old one'];
  const days = (Date.parse(expires_at) - Date.parse(created_at)) / DAY_MS;
  const [count, unit] = days < 1 ? [days * 24, 'hour'] : [days, 'day'];
  const rounded = Math.max(1, Math.round(count));
  return ['', `${rounded} ${unit}${rounded === 1 ? '' : 's'}, as the old one`];
}

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
    { families: ['clients'], said: null, done: onMade },
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
      problem={<ProblemNote problem={make.error} shown={rotating ? [] : ['name']} words={WORDS} />}
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
          error={make.error instanceof ApiProblem ? make.error.about('name') : undefined}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Select label="Lives for" value={days} onChange={(event) => setDays(event.target.value)}>
        {[rotating ? likeBefore(rotating) : NO_END, ...LIVES].map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </FormDialog>
  );
}
