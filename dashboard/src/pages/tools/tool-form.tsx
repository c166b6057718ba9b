import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useSave } from '../../api/change.ts';
import type { ToolView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { LeaveDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { Select, TextArea, TextField } from '../../components/field.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { ForbiddenState, ProblemNote } from '../../components/states.tsx';
import { useUnsaved } from '../../components/unsaved.ts';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { ConnectorField } from './connector-field.tsx';
import { CurlDialog, type FirstValues } from './curl-dialog.tsx';
import { EFFECTS } from './effects.ts';
import { WholeConfig } from './kinds/config-fields.tsx';
import type { Config } from './kinds/kind-form.ts';
import { KIND_FORMS } from './kinds/kinds.ts';
import { readObject, SchemaEditor, useSchemaCheck } from './schema-editor.tsx';

const FIRST_SCHEMA = JSON.stringify(
  {
    type: 'object',
    properties: {
      to: { type: 'string', format: 'email', 'x-countersign': 'recipient' },
      text: { type: 'string', maxLength: 10_000 },
    },
    required: ['to', 'text'],
    additionalProperties: false,
  },
  null,
  2,
);

/** A page for a tool that does not exist yet. */
export function NewTool(): ReactNode {
  useTitle('New tool');
  const { workspace } = useHere();
  const may = useMay();
  const navigate = useNavigate();
  const [reading, setReading] = useState(false);
  const [first, setFirst] = useState<FirstValues | undefined>();
  if (!may('tools.manage')) return <ForbiddenState what="add tools" role={workspace.role} />;
  return (
    <>
      <PageHead
        title="New tool"
        aside={may('connectors.manage') && <Button onClick={() => setReading(true)}>From a curl command…</Button>}
      >
        What it is called, what it does outside, and which arguments it takes.
      </PageHead>
      {reading && (
        <CurlDialog
          onClose={() => setReading(false)}
          onDone={(values) => {
            setFirst(values);
            setReading(false);
          }}
        />
      )}
      <ToolForm
        key={first?.connector}
        {...(first && { first })}
        onDone={({ id }) => void navigate({ to: '/w/$slug/tools/$id', params: { slug: workspace.slug, id } })}
      />
    </>
  );
}

const WORDS = {
  name: 'Name',
  description: 'Description',
  effect: 'Effect',
  kind: 'Runs',
  connector: 'Connector',
  config: 'What it calls',
  schema: 'Input schema',
  labels: 'Labels on the run',
};

function pick(tool: ToolView | undefined) {
  return {
    name: tool?.name ?? '',
    description: tool?.description ?? '',
    effect: (tool?.effect ?? 'read') as string,
    kind: tool?.handler_kind ?? 'http',
    connector: tool?.connector_id ?? '',
    config: (tool?.handler_config ?? KIND_FORMS[tool?.handler_kind ?? 'http']?.handler.first ?? {}) as Config,
    labels: (tool?.labels ?? []).join(' '),
    schema: tool ? JSON.stringify(tool.input_schema, null, 2) : FIRST_SCHEMA,
  };
}

/** Makes a tool, or changes one. */
export function ToolForm({
  tool,
  first,
  onDone,
}: {
  tool?: ToolView;
  /** What a new one begins with. */
  first?: FirstValues;
  onDone: (tool: ToolView) => void;
}): ReactNode {
  const draft = useDraft(tool, (each) => ({ ...pick(each), ...(each === undefined && first) }));
  const { name, description, effect, kind, connector, config, schema, labels } = draft.values;
  const form = KIND_FORMS[kind];
  const { check } = useSchemaCheck(schema);
  const read = readObject(schema);
  const { save, about } = useSave<ToolView>('/v1/tools', {
    record: tool,
    version: draft.version,
    body: () => ({
      name,
      description,
      effect,
      input_schema: 'value' in read ? read.value : {},
      handler_kind: kind,
      connector_id: form?.connector ? connector || null : null,
      handler_config: config,
      labels: labels.split(/[\s,]+/).filter(Boolean),
    }),
    families: ['tools'],
    said: (saved) => `${saved.name} is ${tool ? 'saved' : 'added'}.`,
    done: onDone,
  });
  const leaving = useUnsaved(draft.isDirty && !save.isPending);
  const changeKind = (next: string): void => {
    const kept = next === tool?.handler_kind ? tool.handler_config : undefined;
    draft.set({ kind: next, config: kept ?? KIND_FORMS[next]?.handler.first ?? {} });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid items-start gap-6 lg:grid-cols-2">
      <Panel title="The operation">
        <div className="grid gap-4">
          <TextField
            label="Name"
            placeholder="email.send"
            maxLength={64}
            value={name}
            error={about('name')}
            onChange={(event) => draft.set({ name: event.target.value })}
          />
          <TextArea
            label="Description"
            hint="Approvers and agents read it."
            maxLength={2000}
            value={description}
            error={about('description')}
            onChange={(event) => draft.set({ description: event.target.value })}
          />
          <Select
            label="Effect"
            hint="Decides the default policy of grants."
            value={effect}
            onChange={(event) => draft.set({ effect: event.target.value })}
          >
            {EFFECTS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          <TextField
            label={WORDS.labels}
            placeholder="untrusted"
            hint="Words for what its results may hold. They stay on the run that reads them, and rules of grants see them."
            value={labels}
            error={about('labels')}
            onChange={(event) => draft.set({ labels: event.target.value })}
          />
          <Select label="Runs" value={kind} onChange={(event) => changeKind(event.target.value)}>
            {Object.entries(KIND_FORMS)
              .filter(([value, { isImported }]) => (form?.isImported ? value === kind : !isImported))
              .map(([value, { runs }]) => (
                <option key={value} value={value}>
                  {runs}
                </option>
              ))}
          </Select>
          {form?.connector && (
            <ConnectorField
              kind={kind}
              value={connector}
              error={about('connector_id')}
              onChange={(id) => draft.set({ connector: id })}
            />
          )}
          {form && (
            <WholeConfig
              key={kind}
              form={form.handler}
              config={config}
              onChange={(next) => draft.set({ config: next })}
              about={about}
            />
          )}
        </div>
      </Panel>
      <Panel title="Its arguments">
        <SchemaEditor text={schema} onChange={(text) => draft.set({ schema: text })} />
      </Panel>
      <div className="grid gap-3 lg:col-span-2">
        {tool && (
          <Note tone="care" title="A change of the definition voids open approvals.">
            Whoever asked must ask again, because what was approved is not what would run.
          </Note>
        )}
        <DraftNote draft={draft} words={WORDS} />
        <ProblemNote
          problem={save.error}
          shown={['name', 'description', 'connector_id', 'handler_config', 'labels']}
          words={{ effect: WORDS.effect, input_schema: WORDS.schema, handler_kind: WORDS.kind }}
        />
        <div>
          <Button
            type="submit"
            kind="primary"
            busy={save.isPending}
            disabled={name.trim() === '' || !check?.ok || !draft.isSettled}
          >
            {tool ? 'Save the tool' : 'Add the tool'}
          </Button>
        </div>
      </div>
      <LeaveDialog leaving={leaving} />
    </form>
  );
}
