import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ask } from './api/http.ts';
import { queries } from './api/queries.ts';
import type { KillSwitchView } from './api/types.ts';
import { SafeText } from './components/safe-text.tsx';
import { useHere, useSlug } from './workspace.tsx';

const LONG_MS = 60_000;

/** By the first letters of an id: where its name is read, which events make that old, and the page it has. */
const KINDS = {
  icl: { family: 'clients', path: '/v1/clients', page: 'clients/$id' },
  tool: { family: 'tools', path: '/v1/tools', page: 'tools/$id' },
  con: { family: 'connectors', path: '/v1/connectors', page: 'connectors/$id' },
  usr: { family: 'members', path: null, page: null },
  apv: { family: 'approvals', path: null, page: 'inbox/$id' },
  exe: { family: 'calls', path: null, page: 'activity/$id' },
} as const;

function kindOf(id: string): (typeof KINDS)[keyof typeof KINDS] | undefined {
  const prefix = /^([a-z]+)_[0-9a-z]{26}$/.exec(id)?.[1];
  return prefix === undefined ? undefined : KINDS[prefix as keyof typeof KINDS];
}

/** Whether a text is the id of something that has a page. */
export const isPageId = (text: string): boolean => Boolean(kindOf(text)?.page);

/** What an id is called, as soon as that is known; undefined for what has no name. */
export function useName(id: string): string | undefined {
  const slug = useSlug();
  const kind = kindOf(id);
  const people = useQuery({ ...queries.everyone(slug), enabled: kind?.family === 'members', staleTime: LONG_MS });
  const thing = useQuery({
    queryKey: [slug, kind?.family, 'name', id],
    queryFn: ({ signal }) => ask<{ name: string }>(`${kind?.path}/${id}`, { workspace: slug, signal }),
    enabled: typeof kind?.path === 'string',
    staleTime: LONG_MS,
    retry: false,
  });
  return thing.data?.name ?? people.data?.find((each) => each.id === id)?.name;
}

/** Who or what an id is, by name. Until that is known, and where there is none, the id itself. */
export function Name({ id, otherwise = id }: { id: string; otherwise?: string }): ReactNode {
  return <SafeText text={useName(id) ?? otherwise} />;
}

/** An id that leads to its page, where it has one. */
export function IdLink({ id, children }: { id: string; children?: ReactNode }): ReactNode {
  const slug = useSlug();
  const page = kindOf(id)?.page;
  const text = children ?? <code className="font-mono text-xs">{id}</code>;
  if (!page) return <span className="wrap-anywhere">{text}</span>;
  return (
    <Link
      to={`/w/$slug/${page}` as '/w/$slug/clients/$id'}
      params={{ slug, id }}
      className="inline-block min-h-6 wrap-anywhere text-accent underline"
    >
      {text}
    </Link>
  );
}

/** What a kill switch stops. */
export function SwitchTarget({ of: { scope, target_id: id } }: { of: Pick<KillSwitchView, 'scope' | 'target_id'> }) {
  const { workspace } = useHere();
  if (scope === 'workspace' || id === null) return <>All of {workspace.name}</>;
  return (
    <>
      {scope} <Name id={id} />
    </>
  );
}
