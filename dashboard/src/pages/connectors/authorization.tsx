import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { AuthorizationView, BegunView, ConnectorView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { Name } from '../../names.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import { AuthorizationStamp } from './connector-stamps.tsx';

/** What a connector is authorized to do at its provider; nothing where it has none. */
export function Authorization({ connector }: { readonly connector: ConnectorView }): ReactNode {
  if (connector.config.authorization === undefined || connector.status !== 'active') return null;
  return <Shown connector={connector} />;
}

function Shown({ connector }: { readonly connector: ConnectorView }): ReactNode {
  const query = useQuery(queries.authorization(useSlug(), connector.id));
  return <Loaded query={query}>{(view) => <AuthorizationPanel connector={connector} view={view} />}</Loaded>;
}

const CARE: Readonly<Partial<Record<AuthorizationView['state'], string>>> = {
  none: 'Calls are refused until somebody authorizes it at the provider.',
  expired: 'The token has expired, and the provider gave nothing to renew it with. Calls are refused.',
  ended: 'The provider gives no further tokens. Calls are refused.',
  changed: 'The connector leads elsewhere than it was authorized for. Calls are refused.',
};

function AuthorizationPanel({ connector, view }: { connector: ConnectorView; view: AuthorizationView }): ReactNode {
  const may = useMay();
  const [revoking, setRevoking] = useState(false);
  const begin = useChange<void, BegunView>(
    () => ({ path: `/v1/connectors/${connector.id}/authorization`, method: 'POST' }),
    { families: [], said: null, done: ({ authorize_url }) => window.location.assign(authorize_url) },
  );
  const isGood = view.state === 'authorized';
  return (
    <Panel
      title="Authorization"
      aside={
        may('connectors.manage') && (
          <>
            <Button kind={isGood ? 'plain' : 'primary'} busy={begin.isPending} onClick={() => begin.mutate()}>
              {view.state === 'none' ? 'Authorize…' : 'Authorize again…'}
            </Button>
            {view.state !== 'none' && (
              <Button kind="no" onClick={() => setRevoking(true)}>
                Take it back…
              </Button>
            )}
          </>
        )
      }
    >
      <div className="grid gap-3">
        <ProblemNote problem={begin.error} />
        {CARE[view.state] !== undefined && <Note tone="care">{CARE[view.state]}</Note>}
        {view.scopes_missing.length > 0 && (
          <Note tone="care" title="Some scopes are missing">
            The provider did not give <SafeText text={view.scopes_missing.join(' ')} />. Authorize again to ask for
            them.
          </Note>
        )}
        <Facts items={factsOf(view, connector)} />
      </div>
      {revoking && <TakeBack connector={connector} onClose={() => setRevoking(false)} />}
    </Panel>
  );
}

function factsOf(view: AuthorizationView, { config }: ConnectorView): (readonly [string, ReactNode])[] {
  const { token_url, client_id } = config.authorization as Readonly<Record<string, string>>;
  const provider = [
    ['Provider', <SafeText key="provider" text={new URL(token_url!).host} />],
    ['Client id', <SafeText key="client" text={client_id!} />],
  ] as const;
  const uri = [
    'Redirect URI',
    <code key="uri" className="font-mono text-xs break-all">
      {view.redirect_uri}
    </code>,
  ] as const;
  if (view.authorized_at === null) return [...provider, uri];
  return [
    ['State', <AuthorizationStamp key="state" state={view.state} />],
    ['Scopes', view.scopes.length === 0 ? 'none named' : <SafeText key="scopes" text={view.scopes.join(' ')} />],
    [
      'Authorized',
      <span key="by">
        <Time at={view.authorized_at} /> by <Name id={view.authorized_by!} />
      </span>,
    ],
    [
      'Token',
      <span key="token">
        {view.expires_at === null ? (
          'without an end that the provider names'
        ) : (
          <>
            ends <Time at={view.expires_at} />
          </>
        )}
        {view.renewable ? ', renewed by itself' : ', not renewed'}
      </span>,
    ],
    ...provider,
    uri,
  ];
}

function TakeBack({ connector: { id, name }, onClose }: { connector: ConnectorView; onClose: () => void }): ReactNode {
  return (
    <ConfirmChange
      title={`Take back the authorization of ${name}`}
      submit="Take it back"
      change={{ path: `/v1/connectors/${id}/authorization`, method: 'DELETE' }}
      families={['connectors']}
      said={`The authorization of ${name} is taken back.`}
      onClose={onClose}
    >
      Its tokens are forgotten, and every call through it is refused until somebody authorizes it again.
    </ConfirmChange>
  );
}
