import type { ReactNode } from 'react';
import { PageHead } from '../../components/panel.tsx';
import { useTitle } from '../../title.ts';
import { useMay } from '../../workspace.tsx';
import { Invitations } from './invitations.tsx';
import { Members } from './members.tsx';

/** Who is in the workspace, and who is invited. */
export function MembersPage(): ReactNode {
  useTitle('Settings: Members');
  const may = useMay();
  return (
    <>
      <PageHead title="Members" />
      <div className="grid items-start gap-6">
        <Members />
        {may('members.manage') && <Invitations />}
      </div>
    </>
  );
}
