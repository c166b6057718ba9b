import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { ConnectorView, CurlDraft } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea, TextField } from '../../components/field.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import type { Config } from './kinds/kind-form.ts';

/** What a new tool's form begins with. */
export type FirstValues = {
  readonly name: string;
  readonly effect: string;
  readonly kind: string;
  readonly connector: string;
  readonly config: Config;
  readonly schema: string;
};

/** Reads a curl command as a tool: its connector and secrets are made here, the tool itself in the form behind it. */
export function CurlDialog({
  onClose,
  onDone,
}: {
  onClose: () => void;
  onDone: (first: FirstValues) => void;
}): ReactNode {
  const [command, setCommand] = useState('');
  const [name, setName] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const read = useChange<void, CurlDraft>(() => ({ path: '/v1/tools/from-curl', method: 'POST', body: { command } }), {
    families: [],
    said: null,
    done: (draft) => setName(String(draft.connector.config.base_url).replace(/^https?:\/\//, '')),
  });
  const write = useChange<CurlDraft['secrets'][number], unknown>(
    ({ name: secret, host }) => ({
      path: '/v1/secrets',
      method: 'POST',
      body: { name: secret, value: values[secret] ?? '', hosts: [host] },
    }),
    { families: ['secrets'], said: null },
  );
  const connect = useChange<CurlDraft, ConnectorView>(
    ({ connector }) => ({ path: '/v1/connectors', method: 'POST', body: { name, ...connector } }),
    { families: ['connectors'], said: ({ name: made }) => `${made} is made.` },
  );
  const draft = read.data;
  const use = async (made: CurlDraft): Promise<void> => {
    try {
      for (const secret of made.secrets) if (values[secret.name]) await write.mutateAsync(secret);
      const { id } = await connect.mutateAsync(made);
      const { tool } = made;
      onDone({
        name: tool.name,
        effect: tool.effect,
        kind: tool.handler_kind,
        connector: id,
        config: tool.handler_config,
        schema: JSON.stringify(tool.input_schema, null, 2),
      });
    } catch {
      // What went wrong is shown in the dialog.
    }
  };
  return (
    <FormDialog
      open
      wide
      onClose={onClose}
      title="From a curl command"
      description="It is read, never run. What looks like a credential becomes the place of a secret."
      submit={draft ? 'Use it' : 'Read it'}
      busy={read.isPending || write.isPending || connect.isPending}
      ready={command.trim() !== '' && (draft === undefined || name.trim() !== '')}
      problem={<ProblemNote problem={read.error ?? write.error ?? connect.error} words={{ command: 'The command' }} />}
      onSubmit={() => (draft ? void use(draft) : read.mutate())}
    >
      <TextArea
        label="The command"
        rows={7}
        spellCheck={false}
        className="font-mono text-[0.8125rem]"
        value={command}
        onChange={(event) => {
          setCommand(event.target.value);
          read.reset();
        }}
      />
      {draft && (
        <>
          <Note tone="good" title={draft.runs}>
            <SafeText text={draft.tool.name} /> with the arguments{' '}
            <SafeText text={Object.keys((draft.tool.input_schema.properties ?? {}) as object).join(', ') || 'none'} />
            {draft.notes.map((note) => (
              <span key={note} className="block">
                <SafeText text={note} />
              </span>
            ))}
          </Note>
          <TextField
            label="Name of the connector"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          {draft.secrets.map(({ name: secret, about, host }) => (
            <TextField
              key={secret}
              label={`Secret ${secret} (${about})`}
              hint={`Bound to ${host}. Left empty where it is there already.`}
              type="password"
              autoComplete="new-password"
              value={values[secret] ?? ''}
              onChange={(event) => setValues({ ...values, [secret]: event.target.value })}
            />
          ))}
        </>
      )}
    </FormDialog>
  );
}
