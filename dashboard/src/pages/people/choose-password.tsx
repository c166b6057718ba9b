import { type ReactNode, useState } from 'react';
import { SafeText } from '../../components/safe-text.tsx';
import { EntryForm } from './entry-form.tsx';
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
  const lead = (
    <>
      For <SafeText text={email} />. Every other sign-in of this account ends.
    </>
  );
  return (
    <GatePage title="Choose a password" lead={lead}>
      <EntryForm entry={choose} action="Set the password">
        <NewPasswordField
          label="New password"
          email={email}
          value={password}
          error={choose.about('password')}
          onChange={setPassword}
          autoFocus
        />
      </EntryForm>
    </GatePage>
  );
}
