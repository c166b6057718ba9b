import { withdrawRequests } from '../../held/withdraw.ts';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { forgetAuthorization } from '../authorizations/end.ts';
import { connectorState, findConnector } from './read.ts';
import type { ConnectorView } from './schemas.ts';

/**
 * Ends a connector for good. Its tools stay listed, every call to them is refused, and the requests for them that
 * wait for approval end.
 */
export function revokeConnector(ctx: Verb, { id }: { readonly id: string }): Promise<ConnectorView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findConnector(tx, id),
    async update({ status, version }) {
      if (status === 'revoked') return problem('conflict', 'The connector has been revoked already.');
      await forgetAuthorization(tx, id);
      return updateVersion(tx, 'connectors', { id, version }, { status: 'revoked' });
    },
    event: { type: 'connector.revoked', kind: 'connector', id, state: connectorState },
    follow: () => withdrawRequests(ctx, { because: 'connector_revoked', connectorId: id }),
  });
}
