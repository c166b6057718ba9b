import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { AddedMemberView, MemberView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { useHere, useMay } from '../../workspace.tsx';

const ROLES = ['admin', 'member', 'viewer'] as const;

/** Who is in the workspace, and as what. */
export function Members(): ReactNode {
  const { me, workspace } = useHere();
  const may = useMay();
  const members = useQuery(queries.members(workspace.slug));
  const [adding, setAdding] = useState(false);
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
            Add a person
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
      {adding && <AddMember onClose={() => setAdding(false)} />}
      {removing && <Remove member={removing} onClose={() => setRemoving(null)} />}
    </Panel>
  );
}

function AddMember({ onClose }: { onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string>('member');
  const [added, setAdded] = useState<AddedMemberView | null>(null);
  const add = useChange<void, AddedMemberView>(
    () => ({ path: '/v1/members', method: 'POST', body: { email, name, role } }),
    {
      families: ['members'],
      done: (member) => (member.initial_password ? setAdded(member) : onClose()),
    },
  );
  if (added) {
    return (
      <FormDialog open onClose={onClose} title={`${added.name} is in`} submit="Done" onSubmit={onClose}>
        <Note tone="care" title="The first password is shown only now.">
          Hand it over, and ask for it to be changed.
        </Note>
        <Snippet label="First password" text={added.initial_password ?? ''} />
      </FormDialog>
    );
  }
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Add a person"
      submit="Add"
      busy={add.isPending}
      ready={name.trim() !== '' && email.includes('@')}
      problem={<ProblemNote problem={add.error} />}
      onSubmit={() => add.mutate()}
    >
      <TextField label="Name" required value={name} onChange={(event) => setName(event.target.value)} />
      <TextField
        label="E-mail address"
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Select label="Role" value={role} onChange={(event) => setRole(event.target.value)}>
        {ROLES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
    </FormDialog>
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
