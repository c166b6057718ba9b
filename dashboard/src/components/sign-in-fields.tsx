import { type ReactNode, useState } from 'react';
import { type Ask, ask } from '../api/http.ts';
import { TextField } from './field.tsx';

/** What somebody signs in with. */
export type Credentials = {
  readonly email: string;
  readonly password: string;
  readonly set: (change: Partial<Record<'email' | 'password', string>>) => void;
};

export function useCredentials(knownEmail = ''): Credentials {
  const [given, setGiven] = useState({ email: knownEmail, password: '' });
  return { ...given, set: (change) => setGiven((before) => ({ ...before, ...change })) };
}

/** Signs in; afterwards the browser has the cookie. */
export function askToSignIn({ email, password }: Credentials): Promise<unknown> {
  const request: Ask = { method: 'POST', body: { email: email.trim(), password } };
  return ask('/api/auth/sign-in/email', request);
}

/** The two fields, as password managers know them. `first` has the cursor. */
export function SignInFields({
  of: { email, password, set },
  first,
}: {
  of: Credentials;
  first: 'email' | 'password';
}): ReactNode {
  return (
    <>
      <TextField
        label="E-mail address"
        type="email"
        name="email"
        autoComplete="username"
        required
        autoFocus={first === 'email'}
        value={email}
        onChange={(event) => set({ email: event.target.value })}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        required
        autoFocus={first === 'password'}
        value={password}
        onChange={(event) => set({ password: event.target.value })}
      />
    </>
  );
}
