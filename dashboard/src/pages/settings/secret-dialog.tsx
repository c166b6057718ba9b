import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { aboutOf } from '../../api/http.ts';
import type { SecretView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { activeClients } from '../../components/pick-sources.ts';
import { Picker } from '../../components/picker.tsx';
import { ProblemNote } from '../../components/states.tsx';

type Props = {
  /** The one that gets a new value; left out, a new one is written. */
  readonly secret?: SecretView | undefined;
  readonly onClose: () => void;
};

/** Writes a secret. What it may be sent to is bound to the value, so both are written together. */
export function SecretDialog({ secret, onClose }: Props): ReactNode {
  const [name, setName] = useState(secret?.name ?? '');
  const [value, setValue] = useState('');
  const [hosts, setHosts] = useState(secret?.hosts.join(', ') ?? '');
  const [client, setClient] = useState(secret?.client_id ?? '');
  const write = useChange<void, SecretView>(
    () => ({
      path: '/v1/secrets',
      method: 'POST',
      ...(secret && { version: secret.version }),
      body: {
        name,
        value,
        hosts: hosts
          .split(/[\s,]+/)
          .map((host) => host.trim())
          .filter((host) => host !== ''),
        ...(client !== '' && { client_id: client }),
      },
    }),
    { families: ['secrets'], said: (saved) => `${saved.name} is written, version ${saved.version}.`, done: onClose },
  );
  const about = aboutOf(write.error);
  return (
    <FormDialog
      open
      onClose={onClose}
      title={secret ? `New value for ${secret.name}` : 'New secret'}
      submit="Write"
      busy={write.isPending}
      ready={name !== '' && value !== '' && hosts.trim() !== ''}
      problem={<ProblemNote problem={write.error} shown={['name', 'value', 'hosts']} words={{ client_id: 'Client' }} />}
      onSubmit={() => write.mutate()}
    >
      {secret === undefined && (
        <TextField
          label="Name"
          required
          maxLength={64}
          hint="Upper-case letters, digits and _, such as PAYMENTS_API_KEY."
          value={name}
          error={about('name')}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <TextField
        label="Value"
        type="password"
        autoComplete="off"
        required
        hint="At least 8 characters. It is shown to nobody again."
        value={value}
        error={about('value')}
        onChange={(event) => setValue(event.target.value)}
      />
      <TextField
        label="Sent to"
        required
        hint="Hosts as in a URL, such as api.example.com, which means https on port 443; several with commas."
        value={hosts}
        error={about('hosts')}
        onChange={(event) => setHosts(event.target.value)}
      />
      {secret === undefined && (
        <Picker
          label="Only for the client"
          hint="Its own value wins over the workspace's."
          source={activeClients}
          value={client}
          clearable
          onChange={setClient}
        />
      )}
    </FormDialog>
  );
}
