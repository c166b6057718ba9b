import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { queries } from '../../../api/queries.ts';
import type { ConnectorView, OpenapiPreview } from '../../../api/types.ts';
import { Button } from '../../../components/button.tsx';
import { CONTROL, TextArea, TextField } from '../../../components/field.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { PageHead, Panel } from '../../../components/panel.tsx';
import { ForbiddenState, ProblemNote } from '../../../components/states.tsx';
import { useTitle } from '../../../title.ts';
import { useHere, useMay } from '../../../workspace.tsx';
import { Choose } from './choose.tsx';
import { formOf, type Source } from './source.ts';

/** Makes tools of an OpenAPI document: where it is, which operations, what each does outside. */
export function ImportTools(): ReactNode {
  useTitle('Import OpenAPI');
  const { workspace } = useHere();
  const may = useMay();
  const { connector: id } = useSearch({ from: '/w/$slug/tools/import' });
  if (!may('tools.manage')) return <ForbiddenState what="import tools" role={workspace.role} />;
  if (id === undefined) return <Import connector={null} />;
  return <Again id={id} slug={workspace.slug} />;
}

function Again({ id, slug }: { id: string; slug: string }): ReactNode {
  const connector = useQuery(queries.connector(slug, id));
  return <Loaded query={connector}>{(data) => <Import key={data.id} connector={data} />}</Loaded>;
}

function Import({ connector }: { connector: ConnectorView | null }): ReactNode {
  const { workspace } = useHere();
  const navigate = useNavigate();
  const [url, setUrl] = useState(String(connector?.config.document_url ?? ''));
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [read, setRead] = useState<{ source: Source; preview: OpenapiPreview } | null>(null);
  const source: Source = file ? { file } : text.trim() !== '' ? { text } : { url: url.trim() };
  const preview = useChange<Source, OpenapiPreview>(
    (from) => ({
      path: '/v1/tools/openapi/preview',
      method: 'POST',
      form: formOf(from, connector === null ? {} : { connector_id: connector.id }),
    }),
    { families: [], said: null },
  );
  const isReady = 'url' in source ? source.url !== '' : true;
  return (
    <>
      <PageHead title={connector === null ? 'Import OpenAPI' : `Import again: ${connector.name}`}>
        Operations of an API's document become tools. Nobody may call them until they are granted.
      </PageHead>
      <div className="grid items-start gap-6">
        <Panel title="The document">
          <form
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              setRead(null);
              preview.mutate(source, { onSuccess: (answer) => setRead({ source, preview: answer }) });
            }}
          >
            <TextField
              label="Its URL"
              type="url"
              placeholder="https://api.example.com/openapi.json"
              hint="OpenAPI 3.0 and 3.1 and Swagger 2, in JSON or YAML, up to 16 MiB. Redirects are not followed."
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
            <div className="grid gap-1">
              <label htmlFor="openapi-file" className="text-sm font-semibold">
                Or a file
              </label>
              <input
                id="openapi-file"
                type="file"
                accept=".json,.yaml,.yml,application/json"
                className={CONTROL}
                onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              />
            </div>
            <TextArea
              label="Or its text"
              rows={4}
              spellCheck={false}
              className="font-mono text-[0.8125rem]"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <ProblemNote problem={preview.error} words={{ url: 'Its URL', document: 'The document' }} />
            <div>
              <Button type="submit" kind="primary" busy={preview.isPending} disabled={!isReady}>
                Read it
              </Button>
            </div>
          </form>
        </Panel>
        {read && (
          <Choose
            key={read.preview.sha256}
            source={read.source}
            preview={read.preview}
            connector={connector}
            onDone={(id) => void navigate({ to: '/w/$slug/connectors/$id', params: { slug: workspace.slug, id } })}
          />
        )}
      </div>
    </>
  );
}
