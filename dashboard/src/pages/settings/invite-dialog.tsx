import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import type { MadeInvitationView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { ROLES } from './roles.ts';

/** Invites an address; then shows the link, this once. */
export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string>('member');
  const [made, setMade] = useState<MadeInvitationView | null>(null);
  const invite = useChange<void, MadeInvitationView>(
    () => ({ path: '/v1/members', method: 'POST', body: { email, role } }),
    { families: ['members'], said: null, done: setMade },
  );
  if (made) return <LinkOnce made={made} onClose={onClose} />;
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Invite a person"
      description="They join by opening the link that you get next. Countersign sends no mail."
      submit="Make the link"
      busy={invite.isPending}
      ready={email.includes('@')}
      problem={<ProblemNote problem={invite.error} shown={['email']} words={{ role: 'Role' }} />}
      onSubmit={() => invite.mutate()}
    >
      <TextField
        label="E-mail address"
        type="email"
        required
        value={email}
        error={invite.error instanceof ApiProblem ? invite.error.about('email') : undefined}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Select label="Role" value={role} onChange={(event) => setRole(event.target.value)}>
        {ROLES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
    </FormDialog>
  );
}

/** The link of an invitation. It is kept nowhere on this page. */
export function LinkOnce({ made, onClose }: { made: MadeInvitationView; onClose: () => void }): ReactNode {
  return (
    <FormDialog open onClose={onClose} title="The invitation's link" submit="Done" onSubmit={onClose}>
      <Note tone="care" title="It is shown only now.">
        Send it to {made.email}, on a way that only they read: whoever opens it first may join as {made.role}. It works
        once, until <Time at={made.expires_at} full />.
      </Note>
      <Snippet label="Link" text={made.link} />
    </FormDialog>
  );
}
