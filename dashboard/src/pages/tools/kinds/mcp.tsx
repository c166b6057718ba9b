import type { ReactNode } from 'react';
import { Checkbox, Select, TextField } from '../../../components/field.tsx';
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
      <RelayFields config={config} onChange={onChange} />
    </>
  );
}

const RELAYS = [
  ['sampling', 'Their model', 'To have it write something.'],
  ['elicitation', 'The person at the client', 'To fill in a form.'],
  ['roots', 'Their folders', 'To say which ones they are.'],
] as const;

/** What the server may ask of the agents' own clients; nothing is what a config says that names none. */
function RelayFields({ config, onChange }: Pick<ConfigFields, 'config' | 'onChange'>): ReactNode {
  const { relays: said, ...rest } = config;
  const relays = (said ?? []) as readonly string[];
  const toggle = (kind: string, isOn: boolean): void => {
    const next = RELAYS.map(([one]) => one).filter((one) => (one === kind ? isOn : relays.includes(one)));
    onChange(next.length === 0 ? rest : { ...rest, relays: next });
  };
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-semibold">What it may ask agents’ clients in the middle of a call</legend>
      {RELAYS.map(([kind, label, hint]) => (
        <Checkbox
          key={kind}
          label={label}
          hint={hint}
          checked={relays.includes(kind)}
          onChange={(event) => toggle(kind, event.target.checked)}
        />
      ))}
      <p className="text-[0.8125rem] text-soft">
        What they answer goes to the server and is in no payload that people approve: a call that people approve is made
        without it.
      </p>
    </fieldset>
  );
}
