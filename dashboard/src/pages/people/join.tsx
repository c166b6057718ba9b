import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ApiProblem } from '../../api/http.ts';
import { meQuery } from '../../api/queries.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Loading, ProblemNote } from '../../components/states.tsx';
import { EntryForm } from './entry-form.tsx';
import { GatePage } from './gate-page.tsx';
import { LinkGate, type LinkView } from './link-gate.tsx';
import { NewPasswordField, PasswordField } from './password-fields.tsx';
import { post, useEntry } from './use-entry.ts';

type Invitation = Extract<LinkView, { kind: 'invitation' }>;
type Props = { token: string; invitation: Invitation };

/** An invitation: who invites whom to what, and the ways to accept it. */
export function Join(): ReactNode {
  return (
    <LinkGate page="join" title="Invitation" kind="invitation" help="Ask who invited you for a new link.">
      {(token, invitation) => <Accept token={token} invitation={invitation} />}
    </LinkGate>
  );
}

function Accept({ token, invitation }: Props): ReactNode {
  const me = useQuery({ ...meQuery, retry: false });
  const { email, role, workspace, invited_by } = invitation;
  const lead = (
    <>
      <SafeText text={invited_by} /> invites <SafeText text={email} /> as {role}.
    </>
  );
  const signedInAs = me.data?.user.email;
  const mustChange = me.error instanceof ApiProblem && me.error.code === 'password_change_required';
  return (
    <GatePage title={`Join ${workspace}`} lead={lead}>
      {me.isPending && <Loading rows={3} />}
      {mustChange && (
        <Note tone="care" title="Change your password first">
          You are signed in with a password that others know. <Link to="/change-password">Change it</Link>, then open
          the invitation again.
        </Note>
      )}
      {!me.isPending && !mustChange && signedInAs === undefined && <Stranger token={token} invitation={invitation} />}
      {signedInAs !== undefined && signedInAs !== email && <SomebodyElse signedInAs={signedInAs} email={email} />}
      {signedInAs === email && <AcceptAs token={token} invitation={invitation} />}
    </GatePage>
  );
}

function AcceptAs({ token, invitation }: Props): ReactNode {
  const accept = useEntry(() => post('invitation/accept', { token }));
  return (
    <>
      <ProblemNote problem={accept.error} />
      <Button kind="primary" autoFocus busy={accept.isPending} onClick={() => accept.mutate()}>
        Join {invitation.workspace}
      </Button>
    </>
  );
}

function SomebodyElse({ signedInAs, email }: { signedInAs: string; email: string }): ReactNode {
  const queryClient = useQueryClient();
  const signOut = async (): Promise<void> => {
    await post('sign-out', {});
    await queryClient.resetQueries({ queryKey: meQuery.queryKey });
  };
  return (
    <>
      <p>
        You are signed in as <SafeText text={signedInAs} />. The invitation is for <SafeText text={email} />.
      </p>
      <Button onClick={() => void signOut()}>Sign out, and accept as {email}</Button>
    </>
  );
}

/** Whether the address has an account is not told: whoever has one knows. */
function Stranger(props: Props): ReactNode {
  const [isKnown, setKnown] = useState(false);
  return (
    <>
      <fieldset className="grid gap-1 text-sm">
        <legend className="sr-only">How to join</legend>
        {(
          [
            [false, 'I am new here'],
            [true, 'I have an account with this address'],
          ] as const
        ).map(([value, label]) => (
          <label key={label} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
            <input
              type="radio"
              name="known"
              checked={isKnown === value}
              onChange={() => setKnown(value)}
              className="size-5 shrink-0 accent-accent"
            />
            {label}
          </label>
        ))}
      </fieldset>
      {isKnown ? <Known {...props} /> : <Newcomer {...props} />}
    </>
  );
}

function Newcomer({ token, invitation: { email } }: Props): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const join = useEntry(() => post('invitation/join', { token, name, password }));
  return (
    <EntryForm entry={join} action="Join">
      <TextField
        label="Your name"
        name="name"
        autoComplete="name"
        required
        maxLength={80}
        autoFocus
        value={name}
        error={join.about('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <NewPasswordField
        label="Choose a password"
        email={email}
        value={password}
        error={join.about('password')}
        onChange={setPassword}
      />
    </EntryForm>
  );
}

function Known({ token, invitation: { email } }: Props): ReactNode {
  const [password, setPassword] = useState('');
  const enter = useEntry(async () => {
    await post('sign-in/email', { email, password });
    await post('invitation/accept', { token });
  });
  return (
    <EntryForm entry={enter} action="Sign in and join">
      <p className="break-words">
        Sign in as <SafeText text={email} />.
      </p>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <PasswordField value={password} onChange={setPassword} />
    </EntryForm>
  );
}
