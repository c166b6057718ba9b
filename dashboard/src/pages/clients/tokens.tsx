import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { ClientView, CreatedTokenView, TokenView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { Listing } from '../../components/listing.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { TokenOnce } from './token-once.tsx';

/** How a client signs its calls. A token is shown once, when it is made; here is only what it starts with. */
export function Tokens({ client }: { client: ClientView }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const tokens = useInfiniteQuery(queries.tokens(slug, client.id));
  const [open, setOpen] = useState<'new' | TokenView | null>(null);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const [made, setMade] = useState<CreatedTokenView | null>(null);
  const mayManage = may('tokens.manage') && client.status === 'active';
  const columns: Column<TokenView>[] = [
    { head: 'Token', cell: (token) => <TokenName token={token} /> },
    {
      head: 'State',
      cell: ({ status, rotated_to }) => (
        <>
          <Stamp state={status} />
          {rotated_to && <span className="block text-sm text-soft">replaced</span>}
        </>
      ),
    },
    { head: 'Last used', from: 'sm', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    { head: 'Expires', from: 'md', cell: ({ expires_at }) => <Time at={expires_at} /> },
    {
      head: 'Change',
      right: true,
      cell: (token) =>
        mayManage &&
        token.status === 'active' && (
          <span className="inline-flex flex-wrap justify-end gap-2">
            {!token.rotated_to && (
              <Button aria-label={`Rotate ${token.name}`} onClick={() => setOpen(token)}>
                Rotate…
              </Button>
            )}
            <Button kind="no" aria-label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
              Revoke…
            </Button>
          </span>
        ),
    },
  ];
  return (
    <>
      <Panel
        title="Tokens"
        flush
        aside={
          mayManage && (
            <Button icon="plus" onClick={() => setOpen('new')}>
              New token
            </Button>
          )
        }
      >
        <Listing
          query={tokens}
          caption="Tokens"
          columns={mayManage ? columns : columns.slice(0, -1)}
          id={({ id }) => id}
          empty={
            <EmptyState icon="seal" title="No token yet">
              Without one, the client cannot call at all.
            </EmptyState>
          }
        />
      </Panel>
      {open && (
        <TokenDialog
          client={client}
          rotating={open === 'new' ? undefined : open}
          onClose={() => setOpen(null)}
          onMade={(token) => {
            setOpen(null);
            setMade(token);
          }}
        />
      )}
      {made && <TokenOnce made={made} onClose={() => setMade(null)} />}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function TokenName({ token: { name, prefix } }: { token: TokenView }): ReactNode {
  return (
    <>
      <span className="font-semibold">
        <SafeText text={name} />
      </span>
      <code className="block font-mono text-xs text-soft">cs_live_{prefix}_…</code>
    </>
  );
}

function Revoke({ token, onClose }: { token: TokenView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Revoke ${token.name}`}
      submit="Revoke"
      onClose={onClose}
      change={{ path: `/v1/clients/${token.client_id}/tokens/${token.id}`, method: 'DELETE' }}
      families={['clients']}
      said={`${token.name} is revoked.`}
    >
      Calls with cs_live_{token.prefix}_… are refused at once. This cannot be undone.
    </ConfirmChange>
  );
}
