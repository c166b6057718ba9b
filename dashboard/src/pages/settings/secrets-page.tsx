import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { SecretView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { totalOf } from '../../components/pages.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { IdLink, Name } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { SecretDialog } from './secret-dialog.tsx';

/** The credentials that calls carry outside: written here, read by nobody. */
export function SecretsPage(): ReactNode {
  useTitle('Settings: Secrets');
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/settings/secrets' });
  const search = useSearch({ from: '/w/$slug/settings/secrets' });
  const secrets = useInfiniteQuery(queries.secrets(slug, search));
  const [open, setOpen] = useState<{ readonly does: 'write' | 'delete'; readonly secret?: SecretView } | null>(null);
  const columns: Column<SecretView>[] = [
    {
      head: 'Name',
      cell: ({ name, client_id }) => (
        <>
          <code className="font-mono font-semibold break-all">{name}</code>
          <span className="block text-sm text-soft">
            {client_id === null ? 'of the workspace' : <Name id={client_id} />}
          </span>
        </>
      ),
    },
    { head: 'Sent to', from: 'sm', cell: ({ hosts }) => <span className="break-all">{hosts.join(', ')}</span> },
    {
      head: 'Used by',
      from: 'md',
      cell: ({ used_by }) =>
        used_by.length === 0 ? (
          <span className="text-soft">nothing</span>
        ) : (
          <ul>
            {used_by.map(({ id, name }) => (
              <li key={id}>
                <IdLink id={id}>{name}</IdLink>
              </li>
            ))}
          </ul>
        ),
    },
    {
      head: 'Last used',
      from: 'lg',
      cell: ({ last_used_at }) =>
        last_used_at ? <Time at={last_used_at} /> : <span className="text-soft">never</span>,
    },
    {
      head: 'Version',
      cell: ({ version, updated_at }) => (
        <>
          {version}, <Time at={updated_at} />
        </>
      ),
    },
    ...(may('secrets.manage')
      ? [
          {
            head: 'Change',
            right: true,
            cell: (secret: SecretView) => (
              <span className="inline-flex flex-wrap justify-end gap-2">
                <Button aria-label={`New value for ${secret.name}`} onClick={() => setOpen({ does: 'write', secret })}>
                  New value…
                </Button>
                <Button
                  kind="no"
                  aria-label={`Delete ${secret.name}`}
                  onClick={() => setOpen({ does: 'delete', secret })}
                >
                  Delete…
                </Button>
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <PageHead
        title="Secrets"
        aside={
          may('secrets.manage') && (
            <Button kind="primary" onClick={() => setOpen({ does: 'write' })}>
              New secret
            </Button>
          )
        }
      >
        A connector or tool names one as <code className="font-mono">{'{{secret:NAME}}'}</code>. Nobody can read it
        again.
      </PageHead>
      <Panel flush>
        <FilterBar
          fields={[]}
          values={search}
          onChange={(next) => void navigate({ search: next, replace: true })}
          search={{ label: 'Find a secret', within: 'name' }}
          total={totalOf(secrets.data)}
          what={['secret', 'secrets']}
        />
        <Listing
          query={secrets}
          caption="Secrets"
          columns={columns}
          id={({ id }) => id}
          onClear={search.q === undefined ? undefined : () => void navigate({ search: {} })}
          empty={
            <EmptyState icon="plug" title="No secrets yet">
              Write one for the credentials of a system that tools call.
            </EmptyState>
          }
        />
      </Panel>
      {open?.does === 'write' && <SecretDialog secret={open.secret} onClose={() => setOpen(null)} />}
      {open?.does === 'delete' && <Delete secret={open.secret!} onClose={() => setOpen(null)} />}
    </>
  );
}

function Delete({ secret: { id, name, used_by }, onClose }: { secret: SecretView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Delete ${name}`}
      submit="Delete for good"
      typed={name}
      onClose={onClose}
      change={{ path: `/v1/secrets/${id}`, method: 'DELETE' }}
      families={['secrets']}
      said={`${name} is deleted.`}
    >
      {used_by.length === 0
        ? 'Nothing names it.'
        : `Calls through ${used_by.map((use) => use.name).join(', ')} are refused from then on.`}{' '}
      This cannot be undone.
    </ConfirmChange>
  );
}
