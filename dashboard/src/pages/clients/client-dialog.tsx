import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import type { ClientView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Checkbox, TextArea, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

/** Registers a client, or changes one. */
export function ClientDialog({
  client,
  onClose,
  onDone,
}: {
  client?: ClientView;
  onClose: () => void;
  onDone?: (made: ClientView) => void;
}): ReactNode {
  const [name, setName] = useState(client?.name ?? '');
  const [description, setDescription] = useState(client?.description ?? '');
  const [draftOnly, setDraftOnly] = useState(client?.draft_only ?? false);
  const [rpm, setRpm] = useState(String(client?.rpm_limit ?? 600));
  const save = useChange<void, ClientView>(
    () => ({
      path: client ? `/v1/clients/${client.id}` : '/v1/clients',
      method: client ? 'PATCH' : 'POST',
      ...(client && { version: client.version }),
      body: { name, description, draft_only: draftOnly, rpm_limit: Number(rpm) },
    }),
    {
      families: ['clients'],
      done(made) {
        onClose();
        onDone?.(made);
      },
    },
  );
  const about = (field: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.about(field) : undefined;
  return (
    <FormDialog
      open
      onClose={onClose}
      title={client ? 'Change the client' : 'New client'}
      submit={client ? 'Save' : 'Register'}
      busy={save.isPending}
      ready={name.trim() !== ''}
      problem={<ProblemNote problem={save.error} />}
      onSubmit={() => save.mutate()}
    >
      <TextField
        label="Name"
        placeholder="support-agent"
        required
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label="Description"
        maxLength={1000}
        value={description}
        error={about('description')}
        onChange={(event) => setDescription(event.target.value)}
      />
      <TextField
        label="Calls a minute"
        type="number"
        min={0}
        hint="0 is no limit."
        value={rpm}
        error={about('rpm_limit')}
        onChange={(event) => setRpm(event.target.value)}
      />
      <Checkbox
        label="May only read and draft"
        hint="Refuses tools that write, send, publish, charge or delete, whatever is granted."
        checked={draftOnly}
        onChange={(event) => setDraftOnly(event.target.checked)}
      />
    </FormDialog>
  );
}
