import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { aboutOf } from '../../api/http.ts';
import { meQuery, sessionsQuery } from '../../api/queries.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useToast } from '../../shell/announce.tsx';
import { useHere } from '../../workspace.tsx';
import { NewPasswordField, PasswordField } from '../people/password-fields.tsx';
import { post } from '../people/use-entry.ts';

/** One's own account: who one is, and another password. */
export function Account(): ReactNode {
  const { me } = useHere();
  const toast = useToast();
  const queryClient = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    networkMode: 'always',
    mutationFn: () => post('change-password', { currentPassword: current, newPassword: next }),
    async onSuccess() {
      setCurrent('');
      setNext('');
      toast('The password is changed. Every other sign-in has ended.');
      await Promise.all([meQuery, sessionsQuery].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  const about = aboutOf(change.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Panel title="Your account">
      <form onSubmit={submit} className="grid max-w-2xl gap-4 sm:grid-cols-2">
        <p className="break-words sm:col-span-2">
          <span className="font-semibold">
            <SafeText text={me.user.name} />
          </span>
          , <SafeText text={me.user.email} />
        </p>
        {me.user.must_change_password && !change.isSuccess && (
          <div className="sm:col-span-2">
            <Note tone="care" title="Others know this password.">
              It opens this workspace and no other until you change it.
            </Note>
          </div>
        )}
        <PasswordField
          label="Your present password"
          value={current}
          error={about('currentPassword')}
          onChange={setCurrent}
        />
        <NewPasswordField
          label="New password"
          email={me.user.email}
          value={next}
          error={about('newPassword')}
          onChange={setNext}
        />
        <div className="grid gap-3 sm:col-span-2">
          <ProblemNote problem={change.error} shown={['currentPassword', 'newPassword']} />
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" busy={change.isPending} disabled={current === '' || next === ''}>
              Change the password
            </Button>
            <span className="text-sm text-soft">This ends every other sign-in of yours.</span>
          </div>
        </div>
      </form>
    </Panel>
  );
}
