import type { ReactNode } from 'react';
import { PageHead } from '../../components/panel.tsx';
import { useTitle } from '../../title.ts';
import { Account } from './account.tsx';
import { MyNotices } from './my-notices.tsx';

/** One's own name and password. */
export function AccountPage(): ReactNode {
  useTitle('Settings: Account');
  return (
    <>
      <PageHead title="Account" />
      <div className="grid items-start gap-6">
        <MyNotices />
        <Account />
      </div>
    </>
  );
}
