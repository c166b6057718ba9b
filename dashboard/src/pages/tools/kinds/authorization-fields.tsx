import { type ReactNode, useState } from 'react';
import { Select, TextField } from '../../../components/field.tsx';
import type { ConfigFields } from './kind-form.ts';

type Given = Readonly<Record<string, unknown>>;

const FIRST: Given = { kind: 'oauth', authorize_url: 'https://', token_url: 'https://', client_id: '' };

/** Whether calls through a connector carry a token of an OAuth provider, and which one it is. For every kind that sends HTTP. */
export function AuthorizationFields({
  config,
  onChange,
  about,
  first = FIRST,
}: ConfigFields & {
  /** What it begins with, where something is known of the provider. */
  first?: Given;
}): ReactNode {
  const given = config.authorization as Given | undefined;
  const [scopes, setScopes] = useState(() => (((given ?? first).scopes as readonly string[]) ?? []).join(' '));
  const set = (authorization: Given | undefined): void => onChange({ ...config, authorization });
  const text = (name: string) => ({
    value: String(given?.[name] ?? ''),
    error: about(`config.authorization.${name}`),
    onChange: (event: { target: { value: string } }) => set({ ...given, [name]: event.target.value || undefined }),
  });
  return (
    <>
      <Select
        label="Authorization"
        value={given === undefined ? 'none' : 'oauth'}
        hint={
          given !== undefined && (
            <>
              Register this redirect URI at the provider:{' '}
              <code className="font-mono break-all">{`${window.location.origin}/authorized`}</code>
            </>
          )
        }
        onChange={(event) => set(event.target.value === 'oauth' ? first : undefined)}
      >
        <option value="none">None, or by the headers</option>
        <option value="oauth">A token of an OAuth provider</option>
      </Select>
      {given !== undefined && (
        <>
          <TextField label="Authorization URL" type="url" required {...text('authorize_url')} />
          <TextField label="Token URL" type="url" required {...text('token_url')} />
          <TextField label="Client id" required maxLength={512} {...text('client_id')} />
          <TextField
            label="Client secret (optional)"
            hint="The name of a secret that is bound to the host of the token URL: {{secret:PROVIDER_CLIENT_SECRET}}"
            className="font-mono"
            {...text('client_secret')}
          />
          <TextField
            label="Scopes (optional)"
            hint="Separated by spaces."
            value={scopes}
            error={about('config.authorization.scopes')}
            onChange={(event) => {
              setScopes(event.target.value);
              set({ ...given, scopes: event.target.value.split(/\s+/).filter((scope) => scope !== '') });
            }}
          />
          <TextField
            label="Issuer (optional)"
            hint="How the provider names itself in the parameter iss."
            type="url"
            {...text('issuer')}
          />
          <TextField
            label="Revocation URL (optional)"
            hint="Is told when the authorization is taken back."
            type="url"
            {...text('revoke_url')}
          />
        </>
      )}
    </>
  );
}
