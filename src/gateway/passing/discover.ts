import { type Problem, problem } from '../../kernel/codes.ts';
import { findConnector } from '../../registry/connectors/read.ts';
import type { Store } from '../../store/store.ts';
import type { Discovered } from '../../upstream/kinds/mcp/discover.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { SecretsReader } from '../act/secrets.ts';
import type { Facts } from '../facts/facts.ts';

/** Asks the MCP server behind a connector what it has, with the workspace's own secrets, for a member who may see it. */
export async function discoverServer(
  { store, upstream, secrets }: { readonly store: Store; readonly upstream: Upstream; readonly secrets: SecretsReader },
  {
    tenantId,
    connectorId,
    userId,
  }: { readonly tenantId: string; readonly connectorId: string; readonly userId: string },
): Promise<Discovered | Problem> {
  const found = await store.withTenant(tenantId, async (tx) => {
    const { facts_version } = await tx.db
      .selectFrom('workspaces')
      .select('facts_version')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    return { connector: await findConnector(tx, connectorId), version: Number(facts_version) };
  });
  const { connector, version } = found;
  if (connector === undefined) return problem('not_found');
  if (connector.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
  if (connector.kind !== 'mcp') return problem('conflict', 'The connector does not lead to an MCP server.');
  const principal = { kind: 'member', id: userId } as const;
  const { kind, config } = connector;
  // What a token of the connector is opened by; there is no tool yet.
  const tool = { connector: { id: connectorId, kind, config, revoked: false } } as Facts['tool'];
  const answer = await upstream.servers.discover({ tenantId, connectorId }, config, async (needed) => {
    const opened = await secrets.open({ tenantId, version, principal, tool }, needed);
    return 'kind' in opened ? opened : opened.used;
  });
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
