import { type ReactNode, useState } from 'react';
import { JsonField, objectOnly } from './json-field.tsx';
import type { Config, ConfigFields, ConfigForm } from './kind-form.ts';

/** The fields of a config, and all of it as JSON: what has no field is written there. */
export function WholeConfig({ form, config, onChange, about }: ConfigFields & { form: ConfigForm }): ReactNode {
  // Fields that keep what is typed begin anew when the config was written as a whole.
  const [written, setWritten] = useState(0);
  return (
    <>
      <form.Fields key={written} config={config} onChange={onChange} about={about} />
      <details>
        <summary className="min-h-6 cursor-pointer text-sm font-semibold pointer-coarse:min-h-11">As JSON</summary>
        <JsonField<Config>
          label="All of the configuration"
          hint="What the API takes, as the documentation of the kind has it."
          value={config}
          rows={10}
          accepts={objectOnly}
          onChange={(next) => {
            onChange(next);
            setWritten(written + 1);
          }}
        />
      </details>
    </>
  );
}
