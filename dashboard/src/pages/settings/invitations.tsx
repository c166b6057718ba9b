import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { InvitationView, MadeInvitationView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { Listing } from '../../components/listing.tsx';
import { rowsOf } from '../../components/pages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useSlug } from '../../workspace.tsx';
import { LinkOnce } from './invite-dialog.tsx';

/** Who is invited and has not come yet. Nothing is shown while nobody is. */
export function Invitations(): ReactNode {
  const slug = useSlug();
  const invitations = useInfiniteQuery(queries.invitations(slug));
  const [revoking, setRevoking] = useState<InvitationView | null>(null);
  const [made, setMade] = useState<MadeInvitationView | null>(null);
  const renew = useChange<string, MadeInvitationView>(
    (id) => ({ path: `/v1/members/invitations/${id}/renew`, method: 'POST' }),
    { families: ['members'], said: null, done: setMade },
  );
  if (invitations.data && rowsOf(invitations.data).length === 0 && made === null) return null;
  const columns: Column<InvitationView>[] = [
    {
      head: 'Address',
      cell: ({ email, role, invited_by }) => (
        <>
          <span className="font-semibold break-all">
            <SafeText text={email} />
          </span>
          <span className="block text-sm text-soft">
            as {role}, by <SafeText text={invited_by.name} />
          </span>
        </>
      ),
    },
    { head: 'State', cell: ({ status }) => <Stamp state={status} /> },
    { head: 'Until', from: 'sm', cell: ({ expires_at }) => <Time at={expires_at} /> },
    {
      head: 'Change',
      right: true,
      cell: (invitation) => (
        <span className="inline-flex flex-wrap justify-end gap-2">
          <Button
            aria-label={`New link for ${invitation.email}`}
            busy={renew.isPending && renew.variables === invitation.id}
            onClick={() => renew.mutate(invitation.id)}
          >
            New link
          </Button>
          <Button
            kind="no"
            aria-label={`Take back the invitation of ${invitation.email}`}
            onClick={() => setRevoking(invitation)}
          >
            Take back…
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Panel title="Invitations" flush>
      {renew.error && (
        <div className="p-4">
          <ProblemNote problem={renew.error} />
        </div>
      )}
      <Listing query={invitations} caption="Invitations" columns={columns} id={({ id }) => id} empty={null} rows={2} />
      {made && <LinkOnce made={made} onClose={() => setMade(null)} />}
      {revoking && <Revoke invitation={revoking} onClose={() => setRevoking(null)} />}
    </Panel>
  );
}

function Revoke({ invitation, onClose }: { invitation: InvitationView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Take back the invitation of ${invitation.email}`}
      submit="Take back"
      onClose={onClose}
      change={{ path: `/v1/members/invitations/${invitation.id}`, method: 'DELETE' }}
      families={['members']}
      said={`The invitation of ${invitation.email} is taken back.`}
    >
      The link stops working at once.
    </ConfirmChange>
  );
}
