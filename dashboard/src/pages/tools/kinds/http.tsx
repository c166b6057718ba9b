import { type ReactNode, useState } from 'react';
import { Select, TextField } from '../../../components/field.tsx';
import { AuthorizationFields } from './authorization-fields.tsx';
import { HeadersField } from './headers-field.tsx';
import type { ConfigFields, KindForm } from './kind-form.ts';
import { LinesField, pairsOf } from './lines-field.tsx';
import { BodyFields, HeaderArguments, QueryFields } from './places-fields.tsx';
import { TimingFields } from './timing-fields.tsx';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Members of a connector's config that say beside themselves what is wrong with them. */
const OWN_FIELDS = ['headers', 'query', 'authorization'];

export const http: KindForm = {
  runs: 'an HTTP request',
  handler: {
    first: { method: 'POST', path: '/' },
    Fields: HandlerFields,
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
          error={OWN_FIELDS.some((member) => about(`config.${member}`)) ? undefined : about('config')}
          onChange={(event) => onChange({ ...config, base_url: event.target.value })}
        />
        <HeadersField
          headers={(config.headers ?? {}) as Record<string, string>}
          error={about('config.headers')}
          onChange={(headers) => onChange({ ...config, headers })}
        />
        <LinesField
          label="Query (optional)"
          hint="Put in front of every request's query, one a line: api_key={{secret:API_KEY}}"
          lines={Object.entries((config.query ?? {}) as Record<string, string>).map(
            ([name, text]) => `${name}=${text}`,
          )}
          error={about('config.query')}
          onChange={(lines) => {
            const { query: _, ...rest } = config;
            onChange(lines.length === 0 ? rest : { ...rest, query: pairsOf(lines) });
          }}
        />
        <AuthorizationFields config={config} onChange={onChange} about={about} />
      </>
    ),
  },
};

/** Written into every config that is saved. */
const USUAL_TIME_MS = 30_000;
/** What a tool may say beside the method and the path. */
const MORE = ['query', 'header_arguments', 'headers', 'body', 'timeout_ms', 'idempotent'];

function HandlerFields({ config, onChange, about }: ConfigFields): ReactNode {
  // Once: what is open stays open while somebody writes in it.
  const [isOpen] = useState(() => MORE.some((member) => member in config && config[member] !== USUAL_TIME_MS));
  const isWrong = MORE.some((member) => about(`handler_config.${member}`) !== undefined);
  return (
    <>
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
          error={about('handler_config.path') ?? (isWrong ? undefined : about('handler_config'))}
          onChange={(event) => onChange({ ...config, path: event.target.value })}
        />
      </div>
      <details open={isOpen || isWrong}>
        <summary className="min-h-6 cursor-pointer text-sm font-semibold pointer-coarse:min-h-11">
          Query, headers, body, time and retries
        </summary>
        <div className="mt-3 grid gap-4">
          <QueryFields config={config} onChange={onChange} about={about} />
          <HeaderArguments config={config} onChange={onChange} about={about} />
          <HeadersField
            headers={(config.headers ?? {}) as Record<string, string>}
            error={about('handler_config.headers')}
            onChange={(headers) => onChange({ ...config, headers })}
          />
          {config.method !== 'GET' && <BodyFields config={config} onChange={onChange} about={about} />}
          <TimingFields config={config} onChange={onChange} about={about} />
        </div>
      </details>
    </>
  );
}
