import type { ReactNode } from 'react';
import { PageHead } from '../../components/panel.tsx';
import { useTitle } from '../../title.ts';
import { Sessions } from './sessions.tsx';

/** Where one is signed in. */
export function SecurityPage(): ReactNode {
  useTitle('Settings: Security');
  return (
    <>
      <PageHead title="Security" />
      <Sessions />
    </>
  );
}
