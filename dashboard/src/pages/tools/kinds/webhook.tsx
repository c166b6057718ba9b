import { TextField } from '../../../components/field.tsx';
import { AuthorizationFields } from './authorization-fields.tsx';
import { HeadersField } from './headers-field.tsx';
import type { KindForm } from './kind-form.ts';
import { TimingFields } from './timing-fields.tsx';

export const webhook: KindForm = {
  runs: 'a signed webhook',
  handler: { first: {}, Fields: TimingFields },
  connector: {
    first: { url: 'https://', signing_secret: '{{secret:WEBHOOK_KEY}}' },
    Fields: ({ config, onChange, about }) => (
      <>
        <TextField
          label="Address"
          type="url"
          hint="Each call is posted there as {tool, args}."
          value={String(config.url ?? '')}
          error={about('config.url') ?? (about('config.signing_secret') ? undefined : about('config'))}
          onChange={(event) => onChange({ ...config, url: event.target.value })}
        />
        <TextField
          label="Signing secret"
          hint="A secret of the workspace, whose value begins with whsec_ (Standard Webhooks)."
          className="font-mono"
          spellCheck={false}
          value={String(config.signing_secret ?? '')}
          error={about('config.signing_secret')}
          onChange={(event) => onChange({ ...config, signing_secret: event.target.value })}
        />
        <HeadersField
          headers={(config.headers ?? {}) as Record<string, string>}
          error={about('config.headers')}
          onChange={(headers) => onChange({ ...config, headers })}
        />
        <AuthorizationFields config={config} onChange={onChange} about={about} />
      </>
    ),
  },
};
