import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { MemberView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Select } from '../../components/field.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { totalOf } from '../../components/pages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { useHere, useMay } from '../../workspace.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { ROLES } from './roles.ts';

/** Who is in the workspace, and as what. */
export function Members(): ReactNode {
  const { me, workspace } = useHere();
  const may = useMay();
  const navigate = useNavigate();
  const { q } = useSearch({ strict: false });
  const search = (next: string | undefined, replace: boolean): void =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, q: next }),
      replace,
      resetScroll: false,
    });
  const members = useInfiniteQuery(queries.members(workspace.slug, { q }));
  const { invite } = useSearch({ strict: false });
  const [adding, setAdding] = useState(invite === 'yes' && may('members.manage'));
  const [removing, setRemoving] = useState<MemberView | null>(null);
  const mayManage = may('members.manage');
  const [changing, setChanging] = useState<MemberView | null>(null);
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
      cell: ({ role }) => role,
    },
    {
      head: 'Change',
      right: true,
      cell: (member) =>
        mayManage &&
        member.role !== 'owner' &&
        member.id !== me.user.id && (
          <span className="inline-flex flex-wrap justify-end gap-2">
            <Button aria-label={`Change the role of ${member.name}`} onClick={() => setChanging(member)}>
              Role…
            </Button>
            <Button kind="no" aria-label={`Remove ${member.name}`} onClick={() => setRemoving(member)}>
              Remove…
            </Button>
          </span>
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
      <FilterBar
        fields={[]}
        values={{ q }}
        search={{ label: 'Find a member', within: 'name or e-mail address' }}
        total={totalOf(members.data)}
        what={['member', 'members']}
        onChange={(next, replace = false) => search(next.q, replace)}
      />
      <Listing
        query={members}
        caption="Members"
        columns={mayManage ? columns : columns.slice(0, -1)}
        id={({ id }) => id}
        onClear={q ? () => search(undefined, false) : undefined}
        empty={null}
      />
      {adding && <InviteDialog onClose={() => setAdding(false)} />}
      {changing && <ChangeRole member={changing} onClose={() => setChanging(null)} />}
      {removing && <Remove member={removing} onClose={() => setRemoving(null)} />}
    </Panel>
  );
}

/** What each role may do, in a sentence. */
const ROLE_WORDS: Readonly<Record<string, string>> = {
  admin: 'decides approvals, stops calls, and manages clients, tools, connectors and members',
  member: 'sees their own calls, tries tools out, and decides where a grant names them',
  viewer: 'sees calls and the audit log, and changes nothing',
};

/** Asks before a role changes, naming the person and both roles. */
function ChangeRole({ member: { id, name, email, role }, onClose }: { member: MemberView; onClose: () => void }) {
  const [next, setNext] = useState<string>(role);
  const change = useChange(() => ({ path: `/v1/members/${id}`, method: 'PATCH', body: { role: next } }), {
    families: ['members'],
    said: `${name} is ${next} now.`,
    done: onClose,
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={`Role of ${name}`}
      description={
        <>
          <SafeText text={email} /> is {role} of this workspace.
        </>
      }
      submit={next === role ? 'Change the role' : `Make ${name} ${next}`}
      busy={change.isPending}
      ready={next !== role}
      problem={<ProblemNote problem={change.error} />}
      onSubmit={() => change.mutate()}
    >
      <Select label="New role" value={next} onChange={(event) => setNext(event.target.value)}>
        {ROLES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
      {next !== role && (
        <p data-role-change>
          <strong>
            <SafeText text={name} />
          </strong>{' '}
          changes from <strong>{role}</strong> to <strong>{next}</strong>, at once: {next} {ROLE_WORDS[next]}.
        </p>
      )}
    </FormDialog>
  );
}

function Remove({ member, onClose }: { member: MemberView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Remove ${member.name}`}
      submit="Remove"
      change={{ path: `/v1/members/${member.id}`, method: 'DELETE' }}
      families={['members']}
      said={`${member.name} is no member any more.`}
      onClose={onClose}
    >
      They lose this workspace at once. What they decided stays in the log.
    </ConfirmChange>
  );
}
