import { type ReactNode, useState } from 'react';
import { useSave } from '../../api/change.ts';
import type { ConnectorView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { WholeConfig } from '../tools/kinds/config-fields.tsx';
import type { Config } from '../tools/kinds/kind-form.ts';
import { KIND_FORMS } from '../tools/kinds/kinds.ts';

const WORDS = { name: 'Name', config: 'Where it leads' };
/** The kinds that are connected to something. */
const KINDS = Object.entries(KIND_FORMS).filter(([, form]) => form.connector !== null);

type Props = {
  /** The one to change; left out, a new one is made. */
  connector?: ConnectorView;
  /** The kind of a new one, where it is settled. */
  kind?: string;
  onClose: () => void;
  onDone?: (done: ConnectorView) => void;
};

/** Makes a link to an outside system, or changes where one leads. */
export function ConnectorDialog({ connector, kind: settled, onClose, onDone }: Props): ReactNode {
  const [kind, setKind] = useState(connector?.kind ?? settled ?? KINDS[0]![0]);
  const form = KIND_FORMS[kind]?.connector;
  const draft = useDraft(connector, (each) => ({
    name: each?.name ?? '',
    config: (each?.config ?? form?.first ?? {}) as Config,
  }));
  const { name, config } = draft.values;
  const { save, about } = useSave<ConnectorView>('/v1/connectors', {
    record: connector,
    version: draft.version,
    body: () => ({ name, ...(!connector && { kind }), config }),
    families: ['connectors', 'tools'],
    said: (saved) => `${saved.name} is ${connector ? 'saved' : 'made'}.`,
    done(saved) {
      onClose();
      onDone?.(saved);
    },
  });
  const movesTarget = connector !== undefined && JSON.stringify(config) !== JSON.stringify(connector.config);
  return (
    <FormDialog
      open
      onClose={onClose}
      title={connector ? 'Change the connector' : 'New connector'}
      submit={connector ? 'Save' : 'Make'}
      busy={save.isPending}
      ready={name.trim() !== '' && draft.isSettled}
      problem={
        <>
          {movesTarget && (
            <Note tone="care" title="Where it leads is part of what people approve.">
              Every tool behind it gets a new definition, and approvals that wait can no longer run.
            </Note>
          )}
          <DraftNote draft={draft} words={WORDS} />
          <ProblemNote problem={save.error} shown={['name', 'config']} words={{ kind: 'Kind' }} />
        </>
      }
      onSubmit={() => save.mutate()}
    >
      <TextField
        label={WORDS.name}
        required
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => draft.set({ name: event.target.value })}
      />
      {connector === undefined && settled === undefined && KINDS.length > 1 && (
        <Select
          label="Kind"
          value={kind}
          onChange={(event) => {
            setKind(event.target.value);
            draft.set({ config: KIND_FORMS[event.target.value]?.connector?.first ?? {} });
          }}
        >
          {KINDS.map(([each, { runs }]) => (
            <option key={each} value={each}>
              {runs}
            </option>
          ))}
        </Select>
      )}
      {form && (
        <WholeConfig
          key={kind}
          form={form}
          config={config}
          onChange={(next) => draft.set({ config: next })}
          about={about}
        />
      )}
    </FormDialog>
  );
}
