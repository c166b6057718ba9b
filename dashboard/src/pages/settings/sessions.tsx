import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask, query } from '../../api/http.ts';
import { sessionsQuery } from '../../api/queries.ts';
import type { SessionView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useToast } from '../../shell/announce.tsx';

/** Where one is signed in, and the way to end it. */
export function Sessions(): ReactNode {
  const toast = useToast();
  const queryClient = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string | undefined) => ask(`/v1/me/sessions${query({ id })}`, { method: 'DELETE' }),
    networkMode: 'always',
    onSuccess: () => toast('Signed out there.'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const others = sessions.data?.items.filter(({ current }) => !current).length ?? 0;
  const columns: Column<SessionView>[] = [
    {
      head: 'Where',
      cell: ({ user_agent, ip, current }) => (
        <>
          <span className="font-semibold break-words">
            {user_agent ? <SafeText text={browserOf(user_agent)} /> : 'Unknown'}
          </span>
          {current && <span className="text-soft"> · this one</span>}
          {ip && (
            <span className="block font-mono text-xs break-all text-soft">
              <SafeText text={ip} />
            </span>
          )}
        </>
      ),
    },
    { head: 'Signed in', from: 'sm', cell: ({ created_at }) => <Time at={created_at} /> },
    { head: 'Last used', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
    {
      head: 'Change',
      right: true,
      cell: ({ id, current, user_agent }) =>
        !current && (
          <Button
            kind="no"
            aria-label={`Sign out ${browserOf(user_agent ?? 'Unknown')}`}
            busy={end.isPending && end.variables === id}
            onClick={() => end.mutate(id)}
          >
            Sign out
          </Button>
        ),
    },
  ];
  return (
    <Panel
      title="Your sign-ins"
      flush
      aside={
        others > 0 && (
          <Button busy={end.isPending && end.variables === undefined} onClick={() => end.mutate(undefined)}>
            Sign out everywhere else
          </Button>
        )
      }
    >
      {end.error && (
        <div className="p-4">
          <ProblemNote problem={end.error} />
        </div>
      )}
      <Loaded query={sessions} rows={2}>
        {({ items }) => <Table caption="Your sign-ins" rows={items} columns={columns} id={({ id }) => id} />}
      </Loaded>
    </Panel>
  );
}

const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** A browser and its system, or the first words of what named itself otherwise. */
function browserOf(userAgent: string): string {
  const browser = BROWSERS.find(([mark]) => userAgent.includes(mark))?.[1];
  const system = SYSTEMS.find(([mark]) => userAgent.includes(mark))?.[1];
  return browser && system ? `${browser} on ${system}` : userAgent.slice(0, 60);
}
