import { useQuery } from '@tanstack/react-query';
import { queries } from '../../api/queries.ts';
import type { KillSwitchView } from '../../api/types.ts';
import { useHere } from '../../workspace.tsx';

/** Names for the ids in a switch, as far as they are known; otherwise the id itself. */
export function useNames() {
  const { workspace } = useHere();
  const members = useQuery(queries.members(workspace.slug));
  const tools = useQuery(queries.tools(workspace.slug));
  const clients = useQuery(queries.clients(workspace.slug));
  return {
    person: (id: string): string => members.data?.items.find((each) => each.id === id)?.name ?? id,
    target({ scope, target_id: id }: Pick<KillSwitchView, 'scope' | 'target_id'>): string {
      if (scope === 'workspace' || id === null) return `All of ${workspace.name}`;
      const known = [...(tools.data?.items ?? []), ...(clients.data?.items ?? [])].find((each) => each.id === id);
      return `${scope} ${known?.name ?? id}`;
    },
  };
}
