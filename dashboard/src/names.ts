import { useQuery } from '@tanstack/react-query';
import { queries } from './api/queries.ts';
import type { KillSwitchView } from './api/types.ts';
import { useHere } from './workspace.tsx';

/** Names for ids of people, tools and clients, as far as they are known; otherwise the id itself. */
export function useNames() {
  const { workspace } = useHere();
  const members = useQuery(queries.members(workspace.slug));
  const tools = useQuery(queries.tools(workspace.slug));
  const clients = useQuery(queries.clients(workspace.slug));
  const known = (id: string): string | undefined =>
    [members, tools, clients]
      .flatMap(({ data }): { id: string; name: string }[] => data?.items ?? [])
      .find((each) => each.id === id)?.name;
  return {
    known,
    person: (id: string): string => known(id) ?? id,
    target({ scope, target_id: id }: Pick<KillSwitchView, 'scope' | 'target_id'>): string {
      if (scope === 'workspace' || id === null) return `All of ${workspace.name}`;
      return `${scope} ${known(id) ?? id}`;
    },
  };
}
