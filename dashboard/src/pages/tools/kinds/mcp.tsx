import type { ReactNode } from 'react';
import { Select, TextField } from '../../../components/field.tsx';
import { HeadersField } from './headers-field.tsx';
import type { ConfigFields, KindForm } from './kind-form.ts';
import { LinesField, pairsOf } from './lines-field.tsx';

const imported = { first: {}, Fields: () => null };
const OVER_HTTP = { transport: 'http', url: 'https://' };
const LOCAL = { transport: 'stdio', command: '' };

export const mcp: KindForm = {
  runs: 'a tool of an MCP server',
  isImported: true,
  handler: imported,
  connector: { first: OVER_HTTP, Fields: ServerFields },
};

export const mcpContext: KindForm = {
  runs: 'prompts or resources of an MCP server',
  isImported: true,
  handler: imported,
  connector: null,
};

function ServerFields({ config, onChange, about }: ConfigFields): ReactNode {
  const isLocal = config.transport === 'stdio';
  const env = Object.entries((config.env ?? {}) as Record<string, string>);
  return (
    <>
      <Select
        label="Reached"
        value={String(config.transport)}
        onChange={(event) => onChange(event.target.value === 'stdio' ? LOCAL : OVER_HTTP)}
      >
        <option value="http">over HTTP</option>
        <option value="stdio">as a process on the gate’s machine</option>
      </Select>
      {isLocal ? (
        <>
          <TextField
            label="Command"
            hint="An operator has to allow it, word for word, in COUNTERSIGN_MCP_STDIO_ALLOW."
            value={String(config.command ?? '')}
            error={about('config')}
            onChange={(event) => onChange({ ...config, command: event.target.value })}
          />
          <LinesField
            label="Arguments (optional)"
            hint="One a line."
            lines={(config.args ?? []) as string[]}
            onChange={(args) => onChange({ ...config, args })}
          />
          <LinesField
            label="Variables (optional)"
            hint="One a line, such as API_KEY={{secret:FILES_KEY}}"
            lines={env.map(([name, value]) => `${name}=${value}`)}
            onChange={(lines) => onChange({ ...config, env: pairsOf(lines) })}
          />
        </>
      ) : (
        <>
          <TextField
            label="Address"
            type="url"
            hint="Of Streamable HTTP, such as https://mcp.example.com/mcp"
            value={String(config.url ?? '')}
            error={about('config')}
            onChange={(event) => onChange({ ...config, url: event.target.value })}
          />
          <HeadersField
            headers={(config.headers ?? {}) as Record<string, string>}
            onChange={(headers) => onChange({ ...config, headers })}
          />
        </>
      )}
    </>
  );
}
