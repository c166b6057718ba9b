import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ConnectorView, ToolView } from '../../api/types.ts';
import { EffectBadge, Stamp } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { RowLink } from '../../components/list-panel.tsx';
import { Listing } from '../../components/listing.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { totalOf } from '../../components/pages.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { totalText } from '../../components/total.ts';
import { Name } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { Authorization } from './authorization.tsx';
import { ConnectorDialog } from './connector-dialog.tsx';
import { ConnectorStamps } from './connector-stamps.tsx';
import { ServerOffer } from './server-offer.tsx';
import { TryConnector } from './try-connector.tsx';

/** One connector: where it leads, and the tools that use it. */
export function ConnectorPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/connectors/$id' });
  const connector = useQuery(queries.connector(slug, id));
  return <Loaded query={connector}>{(data) => <Connector key={data.id} connector={data} />}</Loaded>;
}

function Connector({ connector }: { connector: ConnectorView }): ReactNode {
  useTitle(connector.name);
  const slug = useSlug();
  const may = useMay();
  const [open, setOpen] = useState<'edit' | 'revoke' | null>(null);
  const tools = useInfiniteQuery(queries.tools(slug, { connector: connector.id }));
  const total = totalOf(tools.data);
  return (
    <>
      <PageHead
        title={<SafeText text={connector.name} />}
        aside={
          connector.status === 'active' &&
          may('connectors.manage') && (
            <>
              <TryConnector id={connector.id} />
              {connector.kind === 'openapi' && may('tools.manage') && (
                <Link
                  to="/w/$slug/tools/import"
                  params={{ slug }}
                  search={{ connector: connector.id }}
                  className={buttonClass()}
                >
                  Import again…
                </Link>
              )}
              <Button onClick={() => setOpen('edit')}>Change…</Button>
              <Button kind="no" onClick={() => setOpen('revoke')}>
                Revoke…
              </Button>
            </>
          )
        }
      >
        <ConnectorStamps connector={connector} /> <SafeText text={connector.target} />
      </PageHead>
      <div className="grid items-start gap-6">
        <Panel title="Where it leads">
          <Facts
            items={[
              ['Kind', connector.kind],
              ...Object.entries(connector.config)
                .filter(isShown)
                .map(
                  ([name, value]) =>
                    [
                      name.replaceAll('_', ' '),
                      <SafeText key={name} text={typeof value === 'string' ? value : JSON.stringify(value)} />,
                    ] as const,
                ),
              [
                'Made',
                <span key="made">
                  <Time at={connector.created_at} /> by <Name id={connector.created_by} />
                </span>,
              ],
              ['Changed', <Time key="changed" at={connector.updated_at} />],
              [
                'Id',
                <code key="id" className="font-mono text-xs break-all">
                  {connector.id}
                </code>,
              ],
            ]}
          />
        </Panel>
        {connector.kind === 'mcp' && connector.status === 'active' && may('connectors.manage') && (
          <ServerOffer connector={connector} />
        )}
        <Authorization connector={connector} />
        <Panel title={total ? `What uses it: ${totalText(total, 0)}` : 'What uses it'} flush>
          <Listing
            query={tools}
            caption="Tools that use the connector"
            columns={COLUMNS}
            id={({ id }) => id}
            empty={
              <EmptyState icon="tools" title="No tool uses it">
                Nothing can be called through it yet.
              </EmptyState>
            }
          />
        </Panel>
      </div>
      {open === 'edit' && <ConnectorDialog connector={connector} onClose={() => setOpen(null)} />}
      {open === 'revoke' && <Revoke connector={connector} tools={total?.count} onClose={() => setOpen(null)} />}
    </>
  );
}

/** What has its own panel is not shown twice. */
function isShown([name]: readonly [string, unknown]): boolean {
  return name !== 'authorization';
}

const COLUMNS: readonly Column<ToolView>[] = [
  { head: 'Tool', cell: (tool) => <RowLink to="/w/$slug/tools/$id" row={tool} /> },
  { head: 'Effect', cell: ({ effect }) => <EffectBadge effect={effect} /> },
  {
    head: 'State',
    from: 'sm',
    cell: ({ status, quarantined_at }) => <Stamp state={quarantined_at === null ? status : 'quarantined'} />,
  },
  { head: 'Runs', from: 'md', cell: ({ runs }) => <code className="font-mono text-xs break-all">{runs}</code> },
];

function Revoke({
  connector: { id, name },
  tools = 0,
  onClose,
}: {
  connector: ConnectorView;
  tools?: number | undefined;
  onClose: () => void;
}): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  return (
    <ConfirmChange
      title={`Revoke ${name}`}
      submit="Revoke for good"
      typed={name}
      onClose={onClose}
      change={{ path: `/v1/connectors/${id}`, method: 'DELETE' }}
      families={['connectors', 'tools', 'approvals']}
      said={`${name} is revoked.`}
      done={() => void navigate({ to: '/w/$slug/connectors', params: { slug } })}
    >
      {tools === 0
        ? 'No tool uses it.'
        : `Every call of ${tools === 1 ? 'the tool' : `the ${tools} tools`} behind it is refused from then on, and what waits for approval ends.`}{' '}
      This cannot be undone.
    </ConfirmChange>
  );
}
