import type { ReactNode } from 'react';
import type { AuthorizationView, ConnectorView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';

const STATES: Readonly<Record<AuthorizationView['state'], string>> = {
  none: 'unauthorized',
  authorized: 'authorized',
  expired: 'authorization_expired',
  ended: 'authorization_ended',
  changed: 'authorization_changed',
};

/** Where a connector stands with its provider. */
export function AuthorizationStamp({ state }: { state: AuthorizationView['state'] }): ReactNode {
  return <Stamp state={STATES[state]} />;
}

/** Whether a connector is there, and where it stands with its provider, if it has one. */
export function ConnectorStamps({ connector: { status, authorization } }: { connector: ConnectorView }): ReactNode {
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      <Stamp state={status} />
      {status === 'active' && authorization !== null && <AuthorizationStamp state={authorization} />}
    </span>
  );
}
