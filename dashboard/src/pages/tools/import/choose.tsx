import { type ReactNode, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { aboutOf } from '../../../api/http.ts';
import type { ConnectorView, Effect, ImportView, OpenapiPreview } from '../../../api/types.ts';
import { Note } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { Checkbox, TextField } from '../../../components/field.tsx';
import { Panel } from '../../../components/panel.tsx';
import { SafeText } from '../../../components/safe-text.tsx';
import { ProblemNote } from '../../../components/states.tsx';
import { AuthorizationFields } from '../kinds/authorization-fields.tsx';
import type { Config } from '../kinds/kind-form.ts';
import { Operations } from './operations.tsx';
import { formOf, hostOf, type Source } from './source.ts';

type Answered = { readonly secret: string; readonly value: string };

/** The operations of a document that was read, to be chosen, and the connector that they would go through. */
export function Choose({
  source,
  preview,
  connector,
  onDone,
}: {
  source: Source;
  preview: OpenapiPreview;
  connector: ConnectorView | null;
  onDone: (connectorId: string) => void;
}): ReactNode {
  const isAgain = connector !== null;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(preview.operations.filter(({ state }) => state === 'changed').map(({ operation }) => operation)),
  );
  const [effects, setEffects] = useState<Readonly<Record<string, Effect>>>({});
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [name, setName] = useState(preview.title);
  const [baseUrl, setBaseUrl] = useState(preview.servers[0] ?? 'https://');
  const [answers, setAnswers] = useState<Readonly<Record<string, Answered>>>({});
  const [provider, setProvider] = useState<Config>({});
  const [clientSecret, setClientSecret] = useState('');
  const [done, setDone] = useState<ImportView | null>(null);
  const write = useChange<Answered & { readonly url: string }, unknown>(
    ({ secret, value, url }) => ({
      path: '/v1/secrets',
      method: 'POST',
      body: { name: secret, value, hosts: [hostOf(url) ?? url] },
    }),
    { families: ['secrets'], said: null },
  );
  const run = useChange<void, ImportView>(
    () => ({ path: '/v1/tools/openapi/import', method: 'POST', form: formOf(source, request()) }),
    {
      families: ['tools', 'connectors'],
      said: ({ imported }) => `${imported.length} ${imported.length === 1 ? 'tool' : 'tools'} imported.`,
      done: setDone,
    },
  );
  const request = (): object => ({
    sha256: preview.sha256,
    ...(isAgain
      ? { connector_id: connector.id }
      : {
          connector: {
            name,
            base_url: baseUrl,
            schemes: Object.entries(answers).map(([scheme, { secret }]) => ({ scheme, secret })),
            ...provider,
          },
        }),
    operations: preview.operations
      .filter(({ operation }) => chosen.has(operation))
      .map(({ operation }) => ({ operation, ...(effects[operation] && { effect: effects[operation] }) })),
    archive: [...gone],
  });
  const importAll = async (): Promise<void> => {
    try {
      for (const answer of Object.values(answers)) {
        if (answer.value !== '') await write.mutateAsync({ ...answer, url: baseUrl });
      }
      const { secret, url } = clientSecretOf(provider);
      if (secret !== undefined && clientSecret !== '') await write.mutateAsync({ secret, value: clientSecret, url });
      await run.mutateAsync();
    } catch {
      // What went wrong is shown below.
    }
  };
  const about = aboutOf(run.error);
  if (done !== null) return <Done done={done} onGo={() => onDone(done.connector_id)} />;
  const count = chosen.size + gone.size;
  const offered = preview.schemes.find(({ oauth }) => oauth !== null);
  return (
    <>
      {!isAgain && (
        <Panel title="Where it leads">
          <div className="grid gap-4">
            <TextField
              label="Name of the connector"
              maxLength={80}
              value={name}
              error={about('connector.name') ?? about('name')}
              onChange={(event) => setName(event.target.value)}
            />
            <TextField
              label="Address"
              type="url"
              list="openapi-servers"
              value={baseUrl}
              error={about('connector.base_url')}
              onChange={(event) => setBaseUrl(event.target.value)}
            />
            <datalist id="openapi-servers">
              {preview.servers.map((server) => (
                <option key={server} value={server} />
              ))}
            </datalist>
            {preview.schemes
              .filter(({ sends }) => sends !== null)
              .map(({ scheme, about: what, secret }) => (
                <SchemeFields
                  key={scheme}
                  label={`${scheme}: ${what}`}
                  answer={answers[scheme]}
                  first={secret}
                  onChange={(answer) => {
                    const { [scheme]: _, ...rest } = answers;
                    setAnswers(answer === undefined ? rest : { ...rest, [scheme]: answer });
                  }}
                />
              ))}
            {offered && (
              <>
                <AuthorizationFields
                  config={provider}
                  first={{
                    kind: 'oauth',
                    ...offered.oauth,
                    client_id: '',
                    client_secret: `{{secret:${offered.secret.slice(0, 50)}_CLIENT}}`,
                  }}
                  onChange={({ authorization }) => setProvider(authorization === undefined ? {} : { authorization })}
                  about={(field) => about(field.replace(/^config\./, 'connector.'))}
                />
                {clientSecretOf(provider).secret !== undefined && (
                  <TextField
                    label="Value of the client secret"
                    type="password"
                    autoComplete="new-password"
                    hint="Left empty where the secret is there already. Take its name away for a client that has none."
                    value={clientSecret}
                    onChange={(event) => setClientSecret(event.target.value)}
                  />
                )}
                {provider.authorization !== undefined && (
                  <Note>
                    Once it is imported, authorize it on the page of the connector. Until then calls are refused.
                  </Note>
                )}
              </>
            )}
          </div>
        </Panel>
      )}
      <Operations
        preview={preview}
        chosen={chosen}
        effects={effects}
        gone={gone}
        onChoose={setChosen}
        onEffect={(operation, effect) => setEffects({ ...effects, [operation]: effect })}
        onGone={setGone}
      />
      <div className="grid gap-3">
        <ProblemNote
          problem={write.error ?? run.error}
          shown={['connector.name', 'connector.base_url', 'connector.authorization']}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button
            kind="primary"
            busy={run.isPending || write.isPending}
            disabled={count === 0 || (!isAgain && name.trim() === '')}
            onClick={() => void importAll()}
          >
            {isAgain ? 'Take over' : 'Import'} {count} {count === 1 ? 'operation' : 'operations'}
          </Button>
          {run.isPending && chosen.size > 100 && <span className="text-soft">It takes some seconds.</span>}
        </div>
      </div>
    </>
  );
}

/** The secret that an authorization names for its client, and the URL that it is sent to. */
function clientSecretOf({ authorization }: Config): { readonly secret: string | undefined; readonly url: string } {
  const { client_secret, token_url } = (authorization ?? {}) as Readonly<Record<string, string | undefined>>;
  return { secret: /^\{\{secret:([A-Z][A-Z0-9_]*)\}\}$/.exec(client_secret ?? '')?.[1], url: token_url ?? '' };
}

/** One security scheme: whether the connector answers it, and with which secret. */
function SchemeFields({
  label,
  answer,
  first,
  onChange,
}: {
  label: string;
  answer: Answered | undefined;
  first: string;
  onChange: (answer: Answered | undefined) => void;
}): ReactNode {
  return (
    <div className="grid gap-2">
      <Checkbox
        label={`Sign in with ${label}`}
        checked={answer !== undefined}
        onChange={(event) => onChange(event.target.checked ? { secret: first, value: '' } : undefined)}
      />
      {answer && (
        <div className="grid gap-3 pl-7 sm:grid-cols-2">
          <TextField
            label="Secret"
            className="font-mono"
            value={answer.secret}
            onChange={(event) => onChange({ ...answer, secret: event.target.value })}
          />
          <TextField
            label="Its value"
            type="password"
            autoComplete="new-password"
            hint="Left empty where the secret is there already."
            value={answer.value}
            onChange={(event) => onChange({ ...answer, value: event.target.value })}
          />
        </div>
      )}
    </div>
  );
}

function Done({ done, onGo }: { done: ImportView; onGo: () => void }): ReactNode {
  const { imported, refused, archived } = done;
  const counts = (outcome: string): number => imported.filter((each) => each.outcome === outcome).length;
  return (
    <Panel title="Imported">
      <div className="grid gap-3" data-imported={imported.length}>
        <p>
          {counts('created')} made, {counts('updated')} changed, {counts('unchanged')} as they were, {archived.length}{' '}
          archived.
        </p>
        {refused.length > 0 && (
          <Note tone="care" title={`${refused.length} not imported`}>
            <ul className="grid gap-1">
              {refused.slice(0, 50).map(({ operation, reason }) => (
                <li key={operation}>
                  <SafeText text={operation} />: <SafeText text={reason} />
                </li>
              ))}
            </ul>
          </Note>
        )}
        <div>
          <Button kind="primary" onClick={onGo}>
            To the connector
          </Button>
        </div>
      </div>
    </Panel>
  );
}
