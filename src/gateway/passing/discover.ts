import { type Problem, problem } from '../../kernel/codes.ts';
import { findConnector } from '../../registry/connectors/read.ts';
import type { Store } from '../../store/store.ts';
import type { Discovered } from '../../upstream/kinds/mcp/discover.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { SecretsReader } from '../act/secrets.ts';

/** Asks the MCP server behind a connector what it has, with the workspace's own secrets, for a member who may see it. */
export async function discoverServer(
  { store, upstream, secrets }: { readonly store: Store; readonly upstream: Upstream; readonly secrets: SecretsReader },
  { tenantId, connectorId }: { readonly tenantId: string; readonly connectorId: string },
): Promise<Discovered | Problem> {
  const connector = await store.withTenant(tenantId, (tx) => findConnector(tx, connectorId));
  if (connector === undefined) return problem('not_found');
  if (connector.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
  if (connector.kind !== 'mcp') return problem('conflict', 'The connector does not lead to an MCP server.');
  const { kind, config } = connector;
  const answer = await upstream.servers.discover({ tenantId, connectorId }, config, (needed) =>
    secrets.openOwn({ tenantId, id: connectorId, kind, config }, needed),
  );
  switch (answer.kind) {
    case 'discovered':
      return answer;
    case 'refused':
      return problem('conflict', answer.detail);
    case 'failed':
      return problem('conflict', answer.message);
    case 'unknown':
      return problem('conflict', answer.reason);
    case 'executed':
      throw new Error('Discovering executes nothing');
  }
}
