import type { ReactNode } from 'react';
import { TextField } from '../../components/field.tsx';

export const PASSWORD_MIN_LENGTH = 10;

type Props = {
  label: string;
  /** Whose password it is, for the browser's own store of passwords. */
  email: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  autoFocus?: boolean;
};

/** A password to be chosen, and whose it is. */
export function NewPasswordField({ label, email, value, error, onChange, autoFocus }: Props): ReactNode {
  return (
    <>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <TextField
        label={label}
        type="password"
        name="new-password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_MIN_LENGTH}
        maxLength={128}
        autoFocus={autoFocus}
        hint={`At least ${PASSWORD_MIN_LENGTH} characters, and not easy to guess.`}
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
    </>
  );
}

/** The password one has. */
export function PasswordField({
  label = 'Password',
  value,
  error,
  onChange,
  autoFocus,
}: {
  label?: string;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}): ReactNode {
  return (
    <TextField
      label={label}
      type="password"
      name="password"
      autoComplete="current-password"
      required
      autoFocus={autoFocus}
      value={value}
      error={error}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
