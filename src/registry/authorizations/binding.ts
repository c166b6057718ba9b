import { sha256Hex } from '../../kernel/hash.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { authorizationOf, hostOfConnector } from '../../upstream/shapes.ts';
import type { Bound } from '../../vault/vault.ts';
import type { ConnectorView } from '../connectors/schemas.ts';
import type { Provider } from './provider.ts';

/** A connector that is authorized at a provider, and what tokens for it are given for. */
export type Authorized = Provider & {
  readonly connectorId: string;
  /** Where its calls go. */
  readonly host: string;
  /**
   * Where calls and requests for tokens go, and as whose client, in a hash: tokens that were given under one are not sent
   * under another, so that whoever changes a connector cannot lead them elsewhere.
   */
  readonly binding: string;
};

/** Null for a connector whose config has no authorization, or leads nowhere. */
export function authorizedBy(
  tenantId: string,
  { id, kind, config }: Pick<ConnectorView, 'id' | 'kind'> & { readonly config: unknown },
): Authorized | null {
  const provider = authorizationOf(kind, config);
  const host = hostOfConnector(kind, config);
  if (provider === null || host === null) return null;
  const { authorize_url, token_url, client_id } = provider.authorization;
  const binding = sha256Hex(Buffer.from(canonicalize({ v: 1, host, authorize_url, token_url, client_id })));
  return { ...provider, tenantId, connectorId: id, host, binding };
}

/** What the tokens of an authorization are encrypted together with. */
export function tokensBound({ tenantId, connectorId, host, binding }: Authorized, number: number): Bound {
  return { tenantId, id: connectorId, name: `tokens ${binding}`, clientId: null, hosts: [host], number };
}

/** What the verifier of one that was begun is encrypted together with. */
export function verifierBound({ tenantId, connectorId, host, binding }: Authorized, stateSha256: string): Bound {
  return {
    tenantId,
    id: connectorId,
    name: `verifier ${binding} ${stateSha256}`,
    clientId: null,
    hosts: [host],
    number: 0,
  };
}
