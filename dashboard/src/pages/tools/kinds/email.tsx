import { Select, TextField } from '../../../components/field.tsx';
import type { Config, KindForm } from './kind-form.ts';
import { TimeField } from './timing-fields.tsx';

const SECURITY: readonly (readonly [string, string, number])[] = [
  ['starttls', 'STARTTLS (port 587)', 587],
  ['tls', 'TLS (port 465)', 465],
  ['none', 'none: only for a server beside Countersign', 25],
];

/** A config with a text in a member, or without the member where the text is empty. */
function withText(config: Config, member: string, text: string): Config {
  const { [member]: _, ...rest } = config;
  return text === '' ? rest : { ...rest, [member]: text };
}

/** Addresses as people write them: with commas or spaces between. */
function addresses(text: string): readonly string[] | undefined {
  const list = text.split(/[\s,;]+/).filter((each) => each !== '');
  return list.length === 0 ? undefined : list;
}

const ALWAYS = [
  ['to', 'Always to (optional)'],
  ['cc', 'Always with a copy to (optional)'],
  ['bcc', 'Always with a hidden copy to (optional)'],
] as const;

export const email: KindForm = {
  runs: 'an e-mail',
  handler: {
    first: {},
    Fields: ({ config, onChange, about }) => (
      <>
        {ALWAYS.map(([member, label]) => (
          <TextField
            key={member}
            label={label}
            hint={member === 'to' && 'Addresses with commas between. Left empty, the argument “to” says who gets it.'}
            defaultValue={((config[member] ?? []) as string[]).join(', ')}
            error={about(`handler_config.${member}`)}
            onChange={(event) => {
              const { [member]: _, ...rest } = config;
              const list = addresses(event.target.value);
              onChange(list === undefined ? rest : { ...rest, [member]: list });
            }}
          />
        ))}
        <TextField
          label="Answers always go to (optional)"
          value={String(config.reply_to ?? '')}
          error={about('handler_config.reply_to')}
          onChange={(event) => onChange(withText(config, 'reply_to', event.target.value.trim()))}
        />
        <TextField
          label="Always with the subject (optional)"
          value={String(config.subject ?? '')}
          error={about('handler_config.subject')}
          onChange={(event) => onChange(withText(config, 'subject', event.target.value))}
        />
        <TimeField config={config} onChange={onChange} about={about} />
      </>
    ),
  },
  connector: {
    first: { host: '', port: 587, security: 'starttls', from: '' },
    Fields: ({ config, onChange, about }) => (
      <>
        <TextField
          label="Mail server"
          placeholder="smtp.example.com"
          value={String(config.host ?? '')}
          error={about('config.host')}
          onChange={(event) => onChange({ ...config, host: event.target.value.trim() })}
        />
        <div className="grid grid-cols-[1fr_7rem] gap-3">
          <Select
            label="Encryption"
            value={String(config.security ?? 'starttls')}
            onChange={(event) => {
              const port = SECURITY.find(([value]) => value === event.target.value)?.[2] ?? 587;
              onChange({ ...config, security: event.target.value, port });
            }}
          >
            {SECURITY.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          <TextField
            label="Port"
            type="number"
            min={1}
            max={65_535}
            value={String(config.port ?? 587)}
            error={about('config.port')}
            onChange={(event) => onChange({ ...config, port: Number(event.target.value) })}
          />
        </div>
        <TextField
          label="From"
          type="email"
          placeholder="agents@example.com"
          value={String(config.from ?? '')}
          error={about('config.from')}
          onChange={(event) => onChange({ ...config, from: event.target.value.trim() })}
        />
        <TextField
          label="Name of the sender (optional)"
          value={String(config.from_name ?? '')}
          error={about('config.from_name')}
          onChange={(event) => onChange(withText(config, 'from_name', event.target.value))}
        />
        <TextField
          label="User name (optional)"
          value={String(config.username ?? '')}
          error={about('config.username')}
          onChange={(event) => onChange(withText(config, 'username', event.target.value))}
        />
        <TextField
          label="Password (optional)"
          hint="Name a secret of the workspace, bound to the server and its port: {{secret:SMTP_PASSWORD}}"
          className="font-mono"
          spellCheck={false}
          value={String(config.password ?? '')}
          error={about('config.password')}
          onChange={(event) => onChange(withText(config, 'password', event.target.value))}
        />
      </>
    ),
  },
};
