import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { meQuery } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { buttonClass } from '../components/button.tsx';
import { LiveProvider } from '../live/live.tsx';
import { HereProvider } from '../workspace.tsx';
import { Shell } from './shell.tsx';

const route = getRouteApi('/w/$slug');

/** Everything inside a workspace, or word that there is none for this person. */
export function WorkspaceFrame(): ReactNode {
  const { me } = route.useRouteContext();
  const { slug } = route.useParams();
  const workspace = me.workspaces.find((each) => each.slug === slug);
  if (workspace === undefined) return <NoMember me={me} slug={slug} />;
  return (
    <HereProvider here={{ me, workspace }}>
      <LiveProvider key={slug} workspace={slug} userId={me.user.id}>
        <Shell />
      </LiveProvider>
    </HereProvider>
  );
}

function NoMember({ me, slug }: { me: Me; slug: string }): ReactNode {
  return (
    <main data-state="forbidden" className="mx-auto grid max-w-lg gap-3 px-4 py-16 text-center">
      <h1 className="text-2xl">You are not a member of “{slug}”</h1>
      <p className="text-soft">
        You are signed in as {me.user.email}. Ask an admin of that workspace to add you, or go to one of yours:
      </p>
      <ul className="flex flex-wrap justify-center gap-2">
        {me.workspaces.map((each) => (
          <li key={each.slug}>
            <Link to="/w/$slug" params={{ slug: each.slug }} className={buttonClass('plain')}>
              {each.name}
            </Link>
          </li>
        ))}
      </ul>
    </main>
  );
}

/** A path that is no page, or a person without a workspace. */
export function NotHere(): ReactNode {
  const { data: me } = useQuery({ ...meQuery, retry: false });
  const none = me !== undefined && me.workspaces.length === 0;
  return (
    <main data-state="not-found" className="mx-auto grid max-w-lg justify-items-center gap-3 px-4 py-16 text-center">
      <h1 className="text-2xl">{none ? 'You are in no workspace' : 'There is no such page'}</h1>
      <p className="text-soft">{none ? 'Ask an admin to add you to theirs.' : 'The link may be incomplete.'}</p>
      <Link to="/" className={buttonClass('plain')}>
        To the start
      </Link>
    </main>
  );
}
