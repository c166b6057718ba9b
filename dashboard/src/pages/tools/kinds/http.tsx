import { Select, TextField } from '../../../components/field.tsx';
import { AuthorizationFields } from './authorization-fields.tsx';
import { HeadersField } from './headers-field.tsx';
import type { KindForm } from './kind-form.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const http: KindForm = {
  runs: 'an HTTP request',
  handler: {
    first: { method: 'POST', path: '/' },
    Fields: ({ config, onChange, about }) => (
      <div className="grid grid-cols-[7.5rem_1fr] gap-3">
        <Select
          label="Method"
          value={String(config.method ?? 'POST')}
          onChange={(event) => onChange({ ...config, method: event.target.value })}
        >
          {METHODS.map((method) => (
            <option key={method}>{method}</option>
          ))}
        </Select>
        <TextField
          label="Path"
          hint="{name} takes that argument."
          value={String(config.path ?? '')}
          error={about('handler_config')}
          onChange={(event) => onChange({ ...config, path: event.target.value })}
        />
      </div>
    ),
  },
  connector: {
    first: { base_url: 'https://' },
    Fields: ({ config, onChange, about }) => (
      <>
        <TextField
          label="Address"
          type="url"
          hint="Such as https://api.example.com/v2"
          value={String(config.base_url ?? '')}
          error={about('config.authorization') === undefined ? about('config') : undefined}
          onChange={(event) => onChange({ ...config, base_url: event.target.value })}
        />
        <HeadersField
          headers={(config.headers ?? {}) as Record<string, string>}
          onChange={(headers) => onChange({ ...config, headers })}
        />
        <AuthorizationFields config={config} onChange={onChange} about={about} />
      </>
    ),
  },
};
