import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import type { Effect, ToolView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Select, TextArea, TextField } from '../../components/field.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { ForbiddenState, ProblemNote } from '../../components/states.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { ConnectorField } from './connector-field.tsx';
import type { Config } from './kinds/kind-form.ts';
import { KIND_FORMS } from './kinds/kinds.ts';
import { readObject, SchemaEditor, useSchemaCheck } from './schema-editor.tsx';

const EFFECTS: readonly (readonly [Effect, string])[] = [
  ['read', 'read: changes nothing'],
  ['draft', 'draft: prepares, reaches nobody'],
  ['write', 'write: changes data'],
  ['send', 'send: reaches a person'],
  ['publish', 'publish: reaches everybody'],
  ['charge', 'charge: moves money'],
  ['delete', 'delete: cannot be undone'],
];
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
  if (!may('tools.manage')) return <ForbiddenState what="add tools" role={workspace.role} />;
  return (
    <>
      <PageHead title="New tool">What it is called, what it does outside, and which arguments it takes.</PageHead>
      <ToolForm
        onDone={({ id }) => void navigate({ to: '/w/$slug/tools/$id', params: { slug: workspace.slug, id } })}
      />
    </>
  );
}

/** Makes a tool, or changes one. */
export function ToolForm({ tool, onDone }: { tool?: ToolView; onDone: (tool: ToolView) => void }): ReactNode {
  const [name, setName] = useState(tool?.name ?? '');
  const [description, setDescription] = useState(tool?.description ?? '');
  const [effect, setEffect] = useState<string>(tool?.effect ?? 'read');
  const [kind, setKind] = useState<string>(tool?.handler_kind ?? 'http');
  const [connector, setConnector] = useState(tool?.connector_id ?? '');
  const form = KIND_FORMS[kind];
  const [config, setConfig] = useState<Config>(tool?.handler_config ?? form?.handler.first ?? {});
  const [schema, setSchema] = useState(tool ? JSON.stringify(tool.input_schema, null, 2) : FIRST_SCHEMA);
  const { check } = useSchemaCheck(schema);
  const read = readObject(schema);
  const save = useChange<void, ToolView>(
    () => ({
      path: tool ? `/v1/tools/${tool.id}` : '/v1/tools',
      method: tool ? 'PATCH' : 'POST',
      ...(tool && { version: tool.version }),
      body: {
        name,
        description,
        effect,
        input_schema: 'value' in read ? read.value : {},
        handler_kind: kind,
        connector_id: form?.connector ? connector || null : null,
        handler_config: config,
      },
    }),
    { families: ['tools'], done: onDone },
  );
  const about = (field: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.about(field) : undefined;
  const changeKind = (next: string): void => {
    setKind(next);
    const kept = next === tool?.handler_kind ? tool.handler_config : undefined;
    setConfig(kept ?? KIND_FORMS[next]?.handler.first ?? {});
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
            onChange={(event) => setName(event.target.value)}
          />
          <TextArea
            label="Description"
            hint="Approvers and agents read it."
            maxLength={2000}
            value={description}
            error={about('description')}
            onChange={(event) => setDescription(event.target.value)}
          />
          <Select
            label="Effect"
            hint="Decides the default policy of grants."
            value={effect}
            onChange={(event) => setEffect(event.target.value)}
          >
            {EFFECTS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          <Select label="Runs" value={kind} onChange={(event) => changeKind(event.target.value)}>
            {Object.entries(KIND_FORMS).map(([value, { runs }]) => (
              <option key={value} value={value}>
                {runs}
              </option>
            ))}
          </Select>
          {form?.connector && (
            <ConnectorField
              kind={kind}
              form={form.connector}
              value={connector}
              error={about('connector_id')}
              onChange={setConnector}
            />
          )}
          {form && <form.handler.Fields config={config} onChange={setConfig} about={about} />}
        </div>
      </Panel>
      <Panel title="Its arguments">
        <SchemaEditor text={schema} onChange={setSchema} />
      </Panel>
      <div className="grid gap-3 lg:col-span-2">
        {tool && (
          <Note tone="care" title="A change of the definition voids open approvals.">
            Whoever asked must ask again, because what was approved is not what would run.
          </Note>
        )}
        <ProblemNote problem={save.error} />
        <div>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={name.trim() === '' || !check?.ok}>
            {tool ? 'Save the tool' : 'Add the tool'}
          </Button>
        </div>
      </div>
    </form>
  );
}
