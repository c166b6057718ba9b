import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ENDPOINT_STATUSES } from '../../../../src/kernel/statuses.ts';
import { queries } from '../../api/queries.ts';
import type { CreatedEndpointView, EndpointView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ListPanel } from '../../components/list-panel.tsx';
import { PageHead } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { SecretOnce } from './secret-once.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';

/** The other systems that are told of events. */
export function Webhooks(): ReactNode {
  useTitle('Settings: Webhooks');
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/settings/webhooks' });
  const filters = useSearch({ from: '/w/$slug/settings/webhooks' });
  const webhooks = useInfiniteQuery(queries.webhooks(slug, filters));
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedEndpointView | null>(null);
  return (
    <>
      <PageHead
        title="Webhooks"
        aside={
          may('webhooks.manage') && (
            <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
              New webhook
            </Button>
          )
        }
      >
        Addresses that are told when something happens here. Every request is signed, and tried again until it arrives.
      </PageHead>
      <ListPanel
        query={webhooks}
        filters={filters}
        onFilter={(search, replace) => void navigate({ search, replace })}
        what={['webhook', 'webhooks']}
        caption="Webhooks"
        states={ENDPOINT_STATUSES}
        columns={COLUMNS}
        empty={
          <EmptyState icon="plug" title="No webhooks yet">
            Have another system told of approvals and calls as they happen.
          </EmptyState>
        }
      />
      {making && (
        <WebhookDialog
          onClose={() => setMaking(false)}
          onMade={(view) => {
            setMaking(false);
            setMade(view);
          }}
        />
      )}
      {made && (
        <SecretOnce
          made={made}
          onClose={() => void navigate({ to: '/w/$slug/settings/webhooks/$id', params: { slug, id: made.id } })}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<EndpointView>[] = [
  { head: 'Address', cell: (webhook) => <Address webhook={webhook} /> },
  { head: 'Told of', from: 'md', cell: ({ events }) => <span className="wrap-anywhere">{events.join(', ')}</span> },
  {
    head: 'State',
    cell: ({ status, failing_since }) => (
      <>
        <Stamp state={status} />
        {status === 'enabled' && failing_since && (
          <span className="block text-sm text-no">
            failing since <Time at={failing_since} />
          </span>
        )}
      </>
    ),
  },
  {
    head: 'Last arrived',
    from: 'sm',
    right: true,
    cell: ({ last_success_at }) =>
      last_success_at ? <Time at={last_success_at} /> : <span className="text-soft">never</span>,
  },
];

function Address({ webhook: { id, url, description } }: { webhook: EndpointView }): ReactNode {
  return (
    <>
      <Link
        to="/w/$slug/settings/webhooks/$id"
        params={{ slug: useSlug(), id }}
        className="inline-block min-h-6 font-semibold wrap-anywhere text-accent hover:underline"
      >
        <SafeText text={url} />
      </Link>
      {description !== '' && (
        <span className="block text-sm text-soft wrap-anywhere">
          <SafeText text={description} />
        </span>
      )}
    </>
  );
}
