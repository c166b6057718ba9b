import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useRouteContext } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../../api/http.ts';
import type { AuthorizationView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import { Loading, ProblemNote } from '../../components/states.tsx';
import { GatePage } from '../people/gate-page.tsx';

const TITLE = 'Authorizing the connector';
/** What a provider may send a browser back with; whatever else it adds is left out. */
const PARAMETERS = ['state', 'code', 'iss', 'error', 'error_description'];

/** Where a provider sends the browser back to. What it brought is in no address once the page is open. */
export function Authorized(): ReactNode {
  const { me } = useRouteContext({ from: '/authorized' });
  const [callback] = useState(takeCallback);
  const id = callback.state?.split('.')[0];
  const workspace = me.workspaces.find((one) => one.id === id);
  const finished = useQuery({
    queryKey: ['authorized', callback.state],
    queryFn: () =>
      ask<AuthorizationView>('/v1/connectors/authorizations', {
        method: 'POST',
        body: callback,
        workspace: workspace!.slug,
      }),
    enabled: workspace !== undefined,
    // It works once.
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (workspace === undefined) {
    return (
      <GatePage title={TITLE}>
        <Note tone="care" title="Nothing was authorized" alert>
          This address lacks what the provider sent, or is for a workspace that you are not a member of. Authorize again
          on the page of the connector.
        </Note>
      </GatePage>
    );
  }
  const { slug } = workspace;
  if (finished.data) {
    return <Navigate to="/w/$slug/connectors/$id" params={{ slug, id: finished.data.connector_id }} replace />;
  }
  return (
    <GatePage title={TITLE}>
      {finished.error === null ? (
        <Loading rows={3} />
      ) : (
        <>
          <ProblemNote problem={finished.error} />
          <Link className={buttonClass()} to="/w/$slug/connectors" params={{ slug }}>
            Back to the connectors
          </Link>
        </>
      )}
    </GatePage>
  );
}

function takeCallback(): Readonly<Record<string, string>> {
  const given = new URLSearchParams(window.location.search);
  window.history.replaceState(window.history.state, '', window.location.pathname);
  return Object.fromEntries([...given].filter(([name, value]) => PARAMETERS.includes(name) && value !== ''));
}
