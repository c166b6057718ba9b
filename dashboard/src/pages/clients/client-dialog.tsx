import type { ReactNode } from 'react';
import { useSave } from '../../api/change.ts';
import type { ClientView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { Checkbox, TextArea, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

const WORDS = {
  name: 'Name',
  description: 'Description',
  rpm: 'Calls a minute',
  draftOnly: 'May only read and draft',
  trustedRuns: 'Its application names the runs',
};

function pick(client: ClientView | undefined) {
  return {
    name: client?.name ?? '',
    description: client?.description ?? '',
    rpm: String(client?.rpm_limit ?? 600),
    draftOnly: client?.draft_only ?? false,
    trustedRuns: client?.trusted_run_ids ?? false,
  };
}

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
  const draft = useDraft(client, pick);
  const { name, description, draftOnly, trustedRuns, rpm } = draft.values;
  const { save, about } = useSave<ClientView>('/v1/clients', {
    record: client,
    version: draft.version,
    body: () => ({ name, description, draft_only: draftOnly, trusted_run_ids: trustedRuns, rpm_limit: Number(rpm) }),
    families: ['clients'],
    said: (saved) => `${saved.name} is ${client ? 'saved' : 'registered'}.`,
    done(made) {
      onClose();
      onDone?.(made);
    },
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={client ? 'Change the client' : 'New client'}
      submit={client ? 'Save' : 'Register'}
      busy={save.isPending}
      ready={name.trim() !== '' && draft.isSettled}
      problem={
        <>
          <DraftNote draft={draft} words={WORDS} />
          <ProblemNote problem={save.error} shown={['name', 'description', 'rpm_limit']} />
        </>
      }
      onSubmit={() => save.mutate()}
    >
      <TextField
        label={WORDS.name}
        placeholder="support-agent"
        required
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => draft.set({ name: event.target.value })}
      />
      <TextArea
        label={WORDS.description}
        maxLength={1000}
        value={description}
        error={about('description')}
        onChange={(event) => draft.set({ description: event.target.value })}
      />
      <TextField
        label={WORDS.rpm}
        type="number"
        min={0}
        hint="0 is no limit."
        value={rpm}
        error={about('rpm_limit')}
        onChange={(event) => draft.set({ rpm: event.target.value })}
      />
      <Checkbox
        label={WORDS.draftOnly}
        hint="Refuses tools that write, send, publish, charge or delete, whatever is granted."
        checked={draftOnly}
        onChange={(event) => draft.set({ draftOnly: event.target.checked })}
      />
      <Checkbox
        label={WORDS.trustedRuns}
        hint="Each run then keeps its own labels. Leave it off where the model could choose run_id: a new name would lose them."
        checked={trustedRuns}
        onChange={(event) => draft.set({ trustedRuns: event.target.checked })}
      />
    </FormDialog>
  );
}
