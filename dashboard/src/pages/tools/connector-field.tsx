import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { connectorsOf } from '../../components/pick-sources.ts';
import { Picker } from '../../components/picker.tsx';
import { useMay } from '../../workspace.tsx';
import { ConnectorDialog } from '../connectors/connector-dialog.tsx';

/** Which outside system a tool reaches, and the way to add one. */
export function ConnectorField({
  kind,
  value,
  error,
  onChange,
}: {
  kind: string;
  value: string;
  error: string | undefined;
  onChange: (id: string) => void;
}): ReactNode {
  const may = useMay();
  const source = useMemo(() => connectorsOf(kind), [kind]);
  const [making, setMaking] = useState(false);
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <Picker
          label="Connector"
          hint="Where calls go. The path below is added to its address."
          source={source}
          error={error}
          value={value}
          onChange={onChange}
        />
      </div>
      {may('connectors.manage') && (
        <Button className="mt-6" onClick={() => setMaking(true)}>
          New…
        </Button>
      )}
      {making && <ConnectorDialog kind={kind} onClose={() => setMaking(false)} onDone={({ id }) => onChange(id)} />}
    </div>
  );
}
