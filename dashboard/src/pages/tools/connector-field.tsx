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

/** Which outside system a tool reaches, and the way to add one. */
export function ConnectorField({
  value,
  error,
  onChange,
}: {
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
            .filter(({ kind }) => kind === 'http')
            .map(({ id, name, config }) => (
              <option key={id} value={id}>
                {name} ({String(config.base_url)})
              </option>
            ))}
        </Select>
      </div>
      {may('connectors.manage') && (
        <Button className="mt-6" onClick={() => setMaking(true)}>
          New…
        </Button>
      )}
      {making && <ConnectorDialog onClose={() => setMaking(false)} onMade={({ id }) => onChange(id)} />}
    </div>
  );
}

function ConnectorDialog({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (made: ConnectorView) => void;
}): ReactNode {
  const [name, setName] = useState('');
  const [baseUrl, setBaseUrl] = useState('https://');
  const make = useChange<void, ConnectorView>(
    () => ({ path: '/v1/connectors', method: 'POST', body: { name, kind: 'http', config: { base_url: baseUrl } } }),
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
      <TextField
        label="Address"
        type="url"
        hint="Such as https://api.example.com/v2"
        value={baseUrl}
        error={about('config')}
        onChange={(event) => setBaseUrl(event.target.value)}
      />
    </FormDialog>
  );
}
