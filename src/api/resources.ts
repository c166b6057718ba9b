import { isId } from '../kernel/ids.ts';
import type { TenantTx } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';

/** What an id in a path can name: its id prefix and the tenant table it is a key of. */
export const RESOURCES = {
  client: { prefix: 'icl', table: 'integration_clients' },
  token: { prefix: 'tok', table: 'client_tokens' },
  connector: { prefix: 'con', table: 'connectors' },
  tool: { prefix: 'tool', table: 'tools' },
  secret: { prefix: 'sec', table: 'secrets' },
  grant: { prefix: 'grt', table: 'grants' },
  approval: { prefix: 'apv', table: 'approvals' },
  execution: { prefix: 'exe', table: 'agent_execution_logs' },
  draft: { prefix: 'drf', table: 'drafts' },
  kill_switch: { prefix: 'kil', table: 'kill_switches' },
  webhook: { prefix: 'whk', table: 'webhook_endpoints' },
  delivery: { prefix: 'dlv', table: 'webhook_deliveries' },
  member: { prefix: 'usr', table: 'workspace_members' },
  invitation: { prefix: 'inv', table: 'invitations' },
} as const satisfies Record<string, { prefix: Parameters<typeof isId>[0]; table: keyof Tables }>;

export type ResourceKind = keyof typeof RESOURCES;

/**
 * Whether the id names something of this workspace. Another workspace's id, an id of the wrong kind and
 * nonsense all answer alike.
 */
export async function isOfWorkspace(tx: TenantTx, kind: ResourceKind, id: string): Promise<boolean> {
  const { prefix, table } = RESOURCES[kind];
  if (!isId(prefix, id)) return false;
  const found =
    table === 'workspace_members'
      ? await tx.db
          .selectFrom(table)
          .select('user_id')
          .where('tenant_id', '=', tx.tenantId)
          .where('user_id', '=', id)
          .executeTakeFirst()
      : await tx.db
          .selectFrom(table)
          .select('id')
          .where('tenant_id', '=', tx.tenantId)
          .where('id', '=', id)
          .executeTakeFirst();
  return found !== undefined;
}
