import type { Store } from '../../store/store.ts';
import type { Whose } from '../../upstream/kinds/mcp/peers.ts';
import type { Upstream } from '../../upstream/upstream.ts';

/** The connectors as they were when their servers were met, so that a change of one is seen. */
const versions = new WeakMap<object, Map<string, number>>();

/**
 * Ends what is open for connectors that were revoked, or were changed since it was opened: sessions, and processes of this
 * machine. Every node looks after its own.
 */
export async function forgetEnded(store: Store, servers: Upstream['servers']): Promise<void> {
  const known = versions.get(servers) ?? new Map<string, number>();
  versions.set(servers, known);
  const open = new Map<string, Whose>(servers.whose().map((whose) => [whose.connectorId, whose]));
  for (const id of known.keys()) if (!open.has(id)) known.delete(id);
  for (const whose of open.values()) {
    const row = await store.withTenant(whose.tenantId, (tx) =>
      tx.db
        .selectFrom('connectors')
        .select(['status', 'version'])
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', whose.connectorId)
        .executeTakeFirst(),
    );
    const before = known.get(whose.connectorId) ?? row?.version;
    if (row?.status === 'active' && row.version === before) known.set(whose.connectorId, row.version);
    else {
      known.delete(whose.connectorId);
      await servers.forget(whose);
    }
  }
}
