import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { MemberView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Select } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { useHere, useMay } from '../../workspace.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { ROLES } from './roles.ts';

/** Who is in the workspace, and as what. */
export function Members(): ReactNode {
  const { me, workspace } = useHere();
  const may = useMay();
  const members = useQuery(queries.members(workspace.slug));
  const { invite } = useSearch({ from: '/w/$slug/settings/members' });
  const [adding, setAdding] = useState(invite === 'yes' && may('members.manage'));
  const [removing, setRemoving] = useState<MemberView | null>(null);
  const mayManage = may('members.manage');
  const change = useChange<{ id: string; role: string }>(
    ({ id, role }) => ({ path: `/v1/members/${id}`, method: 'PATCH', body: { role } }),
    { families: ['members'] },
  );
  const columns: Column<MemberView>[] = [
    {
      head: 'Name',
      cell: ({ name, email }) => (
        <>
          <span className="font-semibold">
            <SafeText text={name} />
          </span>
          <span className="block text-sm break-all text-soft">
            <SafeText text={email} />
          </span>
        </>
      ),
    },
    {
      head: 'Role',
      cell: ({ id, name, role }) =>
        mayManage && role !== 'owner' && id !== me.user.id ? (
          <Select
            label={`Role of ${name}`}
            hideLabel
            value={role}
            onChange={(event) => change.mutate({ id, role: event.target.value })}
          >
            {ROLES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        ) : (
          role
        ),
    },
    {
      head: 'Change',
      right: true,
      cell: (member) =>
        mayManage &&
        member.role !== 'owner' &&
        member.id !== me.user.id && (
          <Button kind="no" aria-label={`Remove ${member.name}`} onClick={() => setRemoving(member)}>
            Remove…
          </Button>
        ),
    },
  ];
  return (
    <Panel
      title="Members"
      flush
      aside={
        mayManage && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            Invite a person
          </Button>
        )
      }
    >
      {change.error && (
        <div className="p-4">
          <ProblemNote problem={change.error} />
        </div>
      )}
      <Loaded query={members}>
        {({ items }) => (
          <Table
            caption="Members"
            rows={items}
            columns={mayManage ? columns : columns.slice(0, -1)}
            id={({ id }) => id}
          />
        )}
      </Loaded>
      {adding && <InviteDialog onClose={() => setAdding(false)} />}
      {removing && <Remove member={removing} onClose={() => setRemoving(null)} />}
    </Panel>
  );
}

function Remove({ member, onClose }: { member: MemberView; onClose: () => void }): ReactNode {
  const remove = useChange(() => ({ path: `/v1/members/${member.id}`, method: 'DELETE' }), {
    families: ['members'],
    done: onClose,
  });
  return (
    <Confirm
      title={`Remove ${member.name}`}
      submit="Remove"
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate()}
    >
      They lose this workspace at once. What they decided stays in the log.
    </Confirm>
  );
}
