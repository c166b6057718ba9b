import type { ReactNode } from 'react';
import { Checkbox, TextField } from '../../../components/field.tsx';
import type { ConfigFields } from './kind-form.ts';

/** How long a call may take. */
export function TimeField({ config, onChange, about }: ConfigFields): ReactNode {
  return (
    <TextField
      label="Time (milliseconds)"
      type="number"
      min={100}
      max={60_000}
      placeholder="30000"
      hint="To the last byte of the answer; left empty, 30000."
      value={config.timeout_ms === undefined ? '' : String(config.timeout_ms)}
      error={about('handler_config.timeout_ms')}
      onChange={(event) => {
        const { timeout_ms: _, ...rest } = config;
        onChange(event.target.value === '' ? rest : { ...rest, timeout_ms: Number(event.target.value) });
      }}
    />
  );
}

/** How long a call may take, and whether it may be sent again. */
export function TimingFields(fields: ConfigFields): ReactNode {
  const { config, onChange } = fields;
  return (
    <>
      <TimeField {...fields} />
      <Checkbox
        label="Asking twice does the same as asking once (idempotent)"
        hint="Then a call that broke off, found nobody or was answered 429, 502, 503 or 504 is sent again, twice at most, within its time and under the same Idempotency-Key. No other call ever is."
        checked={config.idempotent === true}
        onChange={(event) => {
          const { idempotent: _, ...rest } = config;
          onChange(event.target.checked ? { ...rest, idempotent: true } : rest);
        }}
      />
    </>
  );
}
