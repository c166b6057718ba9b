import type { Store } from '../../store/store.ts';
import { refused, type Unanswered } from '../../upstream/outcome.ts';
import type { NeededSecrets } from '../../upstream/prepared.ts';
import type { UsedSecrets } from '../../upstream/secrets/used.ts';
import type { Facts } from '../facts/facts.ts';
import type { SecretsReader } from './secrets.ts';

/** A connector that a member asks something of, without a tool. */
export type WhoseConnector = {
  readonly tenantId: string;
  readonly connectorId: string;
  readonly userId: string;
  readonly connector: { readonly kind: string; readonly config: unknown };
};

/** The workspace's own secrets, and the connector's token, for a request that is no call of a tool. Never rejects. */
export async function openForConnector(
  { store, secrets }: { readonly store: Store; readonly secrets: SecretsReader },
  { tenantId, connectorId, userId, connector: { kind, config } }: WhoseConnector,
  needed: NeededSecrets,
): Promise<UsedSecrets | Unanswered> {
  const principal = { kind: 'member', id: userId } as const;
  // A token of the connector is opened by its tool's connector; there is no tool here.
  const tool = { connector: { id: connectorId, kind, config, revoked: false } } as Facts['tool'];
  const version = await factsVersion(store, tenantId).catch(() => undefined);
  if (version === undefined) return refused('egress_blocked', 'The secrets could not be read. Nothing was sent.');
  const opened = await secrets.open({ tenantId, version, principal, tool }, needed);
  return 'kind' in opened ? opened : opened.used;
}

async function factsVersion(store: Store, tenantId: string): Promise<number> {
  const { facts_version } = await store.withTenant(tenantId, (tx) =>
    tx.db.selectFrom('workspaces').select('facts_version').where('tenant_id', '=', tenantId).executeTakeFirstOrThrow(),
  );
  return Number(facts_version);
}
