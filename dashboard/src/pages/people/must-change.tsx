import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../../api/http.ts';
import { Loading, ProblemNote } from '../../components/states.tsx';
import { EntryForm } from './entry-form.tsx';
import { GatePage } from './gate-page.tsx';
import { NewPasswordField, PasswordField } from './password-fields.tsx';
import { post, useEntry } from './use-entry.ts';

type Session = { readonly user: { readonly email: string }; readonly must_change_password?: true } | null;

/** A password that others know is changed before anything else. */
export function MustChangePassword(): ReactNode {
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => ask<Session>('/api/auth/get-session', { signal }),
    gcTime: 0,
  });
  if (session.isPending || session.error) {
    return (
      <GatePage title="Change your password">
        {session.error ? <ProblemNote problem={session.error} /> : <Loading rows={3} />}
      </GatePage>
    );
  }
  if (session.data === null) return <Navigate to="/sign-in" search={{}} replace />;
  return <Form email={session.data.user.email} />;
}

function Form({ email }: { email: string }): ReactNode {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useEntry(() => post('change-password', { currentPassword: current, newPassword: next }));
  return (
    <GatePage
      title="Change your password"
      lead="Somebody else has seen the one you have. Until you change it, it opens nothing else."
    >
      <EntryForm entry={change} action="Change it">
        <PasswordField
          label="The password you have"
          value={current}
          error={change.about('currentPassword')}
          onChange={setCurrent}
          autoFocus
        />
        <NewPasswordField
          label="New password"
          email={email}
          value={next}
          error={change.about('newPassword')}
          onChange={setNext}
        />
      </EntryForm>
    </GatePage>
  );
}
