import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { GatePage } from './gate-page.tsx';
import { LinkGate } from './link-gate.tsx';
import { NewPasswordField } from './password-fields.tsx';
import { post, useEntry } from './use-entry.ts';

/** Choosing a password with the link that the operator made. */
export function ChoosePassword(): ReactNode {
  const help = 'Ask whoever runs the server for a new one.';
  return (
    <LinkGate page="password" title="Choose a password" kind="password" help={help}>
      {(token, { email }) => <Form token={token} email={email} />}
    </LinkGate>
  );
}

function Form({ token, email }: { token: string; email: string }): ReactNode {
  const [password, setPassword] = useState('');
  const choose = useEntry(() => post('password', { token, password }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    choose.mutate(undefined);
  };
  const lead = (
    <>
      For <SafeText text={email} />. Every other sign-in of this account ends.
    </>
  );
  return (
    <GatePage title="Choose a password" lead={lead}>
      <form onSubmit={submit} className="grid gap-4">
        <NewPasswordField
          label="New password"
          email={email}
          value={password}
          error={choose.about('password')}
          onChange={setPassword}
          autoFocus
        />
        <ProblemNote problem={choose.error} />
        <Button type="submit" kind="primary" busy={choose.isPending}>
          Set the password
        </Button>
      </form>
    </GatePage>
  );
}
