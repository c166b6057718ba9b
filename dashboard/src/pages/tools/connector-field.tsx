import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { ConnectorView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import type { Config, ConfigForm } from './kinds/kind-form.ts';

/** Which outside system a tool reaches, and the way to add one. */
export function ConnectorField({
  kind,
  form,
  value,
  error,
  onChange,
}: {
  kind: string;
  form: ConfigForm;
  value: string;
  error: string | undefined;
  onChange: (id: string) => void;
}): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const connectors = useQuery(queries.connectors(slug, { status: 'authorized' }));
  const [making, setMaking] = useState(false);
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Select
          label="Connector"
          hint="Where calls go. The path below is added to its address."
          error={error}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">Choose one</option>
          {connectors.data?.items
            .filter((each) => each.kind === kind)
            .map(({ id, name, target }) => (
              <option key={id} value={id}>
                {name} ({target})
              </option>
            ))}
        </Select>
      </div>
      {may('connectors.manage') && (
        <Button className="mt-6" onClick={() => setMaking(true)}>
          New…
        </Button>
      )}
      {making && (
        <ConnectorDialog kind={kind} form={form} onClose={() => setMaking(false)} onMade={({ id }) => onChange(id)} />
      )}
    </div>
  );
}

function ConnectorDialog({
  kind,
  form,
  onClose,
  onMade,
}: {
  kind: string;
  form: ConfigForm;
  onClose: () => void;
  onMade: (made: ConnectorView) => void;
}): ReactNode {
  const [name, setName] = useState('');
  const [config, setConfig] = useState<Config>(form.first);
  const make = useChange<void, ConnectorView>(
    () => ({ path: '/v1/connectors', method: 'POST', body: { name, kind, config } }),
    {
      families: ['connectors'],
      done(made) {
        onMade(made);
        onClose();
      },
    },
  );
  const about = (field: string): string | undefined =>
    make.error instanceof ApiProblem ? make.error.about(field) : undefined;
  return (
    <FormDialog
      open
      onClose={onClose}
      title="New connector"
      submit="Authorize"
      busy={make.isPending}
      ready={name.trim() !== ''}
      problem={<ProblemNote problem={make.error} />}
      onSubmit={() => make.mutate()}
    >
      <TextField
        label="Name"
        required
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <form.Fields config={config} onChange={setConfig} about={about} />
    </FormDialog>
  );
}
