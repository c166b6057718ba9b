import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ToolView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { LabelList } from '../../components/label-list.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { IdLink, Name } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { exampleOf } from '../clients/example.ts';
import { curlOf } from '../inbox/first-call.tsx';
import { Quarantine } from './quarantine.tsx';
import { TestDispatch } from './test-dispatch.tsx';
import { ToolForm } from './tool-form.tsx';

/** One tool: its definition, a try, and how an agent calls it. */
export function ToolPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/tools/$id' });
  const tool = useQuery(queries.tool(slug, id));
  return <Loaded query={tool}>{(data) => <Tool key={data.id} tool={data} />}</Loaded>;
}

function Tool({ tool }: { tool: ToolView }): ReactNode {
  useTitle(tool.name);
  const slug = useSlug();
  const may = useMay();
  const [open, setOpen] = useState<'edit' | 'archive' | null>(null);
  const isActive = tool.status === 'active';
  return (
    <>
      <PageHead
        title={tool.name}
        aside={
          isActive &&
          may('tools.manage') && (
            <>
              <Button onClick={() => setOpen(open === 'edit' ? null : 'edit')}>
                {open === 'edit' ? 'Leave as it is' : 'Change…'}
              </Button>
              <Link
                to="/w/$slug/kill-switches"
                params={{ slug }}
                search={{ flip: 'tool', target: tool.id }}
                className={buttonClass('no')}
              >
                Stop…
              </Link>
              <Button kind="no" onClick={() => setOpen('archive')}>
                Archive…
              </Button>
            </>
          )
        }
      >
        <Stamp state={isActive && tool.quarantined_at !== null ? 'quarantined' : tool.status} />{' '}
        <SafeText text={tool.description} />
      </PageHead>
      {isActive && tool.quarantined_at !== null && <Quarantine tool={tool} />}
      {open === 'edit' ? (
        <ToolForm tool={tool} onDone={() => setOpen(null)} />
      ) : (
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <Definition tool={tool} />
          <div className="grid gap-6">
            {isActive && may('tools.test') && <TestDispatch tool={tool} />}
            <Panel title="As an agent calls it">
              <Snippet label="curl" text={curlOf(tool.name, exampleOf(tool.input_schema))} />
            </Panel>
          </div>
        </div>
      )}
      {open === 'archive' && <Archive tool={tool} onClose={() => setOpen(null)} />}
    </>
  );
}

function Definition({ tool }: { tool: ToolView }): ReactNode {
  return (
    <Panel title="Definition">
      <div className="grid gap-4">
        <Facts
          items={[
            ['Effect', <EffectBadge key="effect" effect={tool.effect} />],
            ...(tool.connector_id
              ? ([
                  [
                    'Connector',
                    <IdLink key="connector" id={tool.connector_id}>
                      <Name id={tool.connector_id} />
                    </IdLink>,
                  ],
                ] as const)
              : []),
            [
              'Runs',
              <code key="runs" className="font-mono text-sm break-all">
                {tool.runs}
              </code>,
            ],
            ...(tool.labels.length > 0
              ? ([['Labels on the run', <LabelList key="labels" labels={tool.labels} />]] as const)
              : []),
            ['Version', tool.version],
            [
              'SHA-256',
              <code key="hash" className="font-mono text-xs break-all">
                {tool.definition_sha256}
              </code>,
            ],
          ]}
        />
        <Snippet label="Input schema" text={JSON.stringify(tool.input_schema, null, 2)} />
      </div>
    </Panel>
  );
}

function Archive({ tool, onClose }: { tool: ToolView; onClose: () => void }): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  return (
    <ConfirmChange
      title={`Archive ${tool.name}`}
      submit="Archive for good"
      typed={tool.name}
      onClose={onClose}
      change={{ path: `/v1/tools/${tool.id}`, method: 'DELETE' }}
      families={['tools']}
      said={`${tool.name} is archived.`}
      done={() => void navigate({ to: '/w/$slug/tools', params: { slug } })}
    >
      Nobody can call it any more. Its name is free again; its history stays.
    </ConfirmChange>
  );
}
