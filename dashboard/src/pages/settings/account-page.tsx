import type { ReactNode } from 'react';
import { PageHead } from '../../components/panel.tsx';
import { useTitle } from '../../title.ts';
import { Account } from './account.tsx';

/** One's own name and password. */
export function AccountPage(): ReactNode {
  useTitle('Settings: Account');
  return (
    <>
      <PageHead title="Account" />
      <Account />
    </>
  );
}
