import { createContext, type ReactNode, useContext } from 'react';
import type { Me, Membership, Permission } from './api/types.ts';

type Here = { readonly me: Me; readonly workspace: Membership };

const HereContext = createContext<Here | null>(null);

export function HereProvider({ here, children }: { here: Here; children: ReactNode }): ReactNode {
  return <HereContext value={here}>{children}</HereContext>;
}

/** Who is signed in, and the workspace of this page. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === null) throw new Error('This page is outside a workspace.');
  return here;
}

/** The slug of this page's workspace, which every request names. */
export function useSlug(): string {
  return useHere().workspace.slug;
}

/** Whether the person's role carries a permission here. The server asks again in any case. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useHere().workspace;
  return (permission) => permissions.includes(permission);
}
