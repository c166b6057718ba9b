import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ClientView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHead } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { TabLinks } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { ClientDialog } from './client-dialog.tsx';
import { Grants } from './grants.tsx';
import { RunLabels } from './run-labels.tsx';
import { Tokens } from './tokens.tsx';
import { Usage } from './usage.tsx';

const TABS = [
  ['grants', 'Grants'],
  ['tokens', 'Tokens'],
  ['labels', 'Labels'],
  ['usage', 'Usage'],
] as const;

/** One client: what it may call, how it signs its calls, what it did. */
export function ClientPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/clients/$id' });
  const client = useQuery(queries.client(slug, id));
  return <Loaded query={client}>{(data) => <Client client={data} />}</Loaded>;
}

function Client({ client }: { client: ClientView }): ReactNode {
  useTitle(client.name);
  const slug = useSlug();
  const may = useMay();
  const { tab = 'grants' } = useSearch({ from: '/w/$slug/clients/$id' });
  const [open, setOpen] = useState<'edit' | 'revoke' | null>(null);
  const isActive = client.status === 'active';
  return (
    <>
      <PageHead
        title={<SafeText text={client.name} />}
        aside={
          isActive &&
          may('clients.manage') && (
            <>
              <Button onClick={() => setOpen('edit')}>Change…</Button>
              <Link
                to="/w/$slug/kill-switches"
                params={{ slug }}
                search={{ flip: 'client', target: client.id }}
                className={buttonClass('no')}
              >
                Stop…
              </Link>
              <Button kind="no" onClick={() => setOpen('revoke')}>
                Revoke…
              </Button>
            </>
          )
        }
      >
        <Stamp state={client.status} /> <SafeText text={client.description} />{' '}
        {client.draft_only && 'May only read and draft. '}
        Last used <Time at={client.last_used_at} />.
      </PageHead>
      <TabLinks label="Parts of the client" tabs={TABS} open={tab} />
      {tab === 'tokens' ? (
        <Tokens client={client} />
      ) : tab === 'labels' ? (
        <RunLabels client={client} />
      ) : tab === 'usage' ? (
        <Usage client={client} />
      ) : (
        <Grants client={client} />
      )}
      {open === 'edit' && <ClientDialog client={client} onClose={() => setOpen(null)} />}
      {open === 'revoke' && <Revoke client={client} onClose={() => setOpen(null)} />}
    </>
  );
}

function Revoke({ client, onClose }: { client: ClientView; onClose: () => void }): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  return (
    <ConfirmChange
      title="Revoke the client"
      submit="Revoke for good"
      typed={client.name}
      onClose={onClose}
      change={{ path: `/v1/clients/${client.id}`, method: 'DELETE' }}
      families={['clients']}
      said={`${client.name} is revoked.`}
      done={() => void navigate({ to: '/w/$slug/clients', params: { slug } })}
    >
      All its tokens end at once, and what it asked for can no longer run. This cannot be undone; a kill switch can.
    </ConfirmChange>
  );
}
