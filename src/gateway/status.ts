import { sql } from 'kysely';
import type { Effect, Policy } from '../kernel/codes.ts';
import type { Store } from '../store/store.ts';
import type { IdentifiedClient } from './identified-client.ts';

/** What a client may do, as `GET /api/agent/gateway` tells it. */
export type ClientStatus = {
  readonly workspace: { readonly slug: string; readonly name: string };
  readonly client: {
    readonly id: string;
    readonly name: string;
    readonly draft_only: boolean;
    readonly rpm_limit: number;
  };
  readonly tools: {
    readonly name: string;
    readonly description: string;
    readonly effect: Effect;
    readonly policy: Policy;
    readonly input_schema: unknown;
    readonly stopped: boolean;
  }[];
  readonly stopped: boolean;
};

/** Reads the tools granted to a client, and whether a kill switch stops it or any of them. */
export function readClientStatus(store: Store, { tenantId, clientId }: IdentifiedClient): Promise<ClientStatus> {
  return store.withTenant(tenantId, async ({ db }) => {
    const workspace = await db
      .selectFrom('workspaces')
      .select(['slug', 'name'])
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    const client = await db
      .selectFrom('integration_clients')
      .select(['id', 'name', 'draft_only', 'rpm_limit'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', clientId)
      .executeTakeFirstOrThrow();
    const switches = await db
      .selectFrom('kill_switches')
      .select(['scope', 'target_id'])
      .where('tenant_id', '=', tenantId)
      .where('lifted_at', 'is', null)
      .execute();
    const tools = await db
      .selectFrom('grants as g')
      .innerJoin('tools as t', (join) => join.onRef('t.tenant_id', '=', 'g.tenant_id').onRef('t.id', '=', 'g.tool_id'))
      .where('g.tenant_id', '=', tenantId)
      .where('g.client_id', '=', clientId)
      .where('t.status', '=', 'active')
      .where(sql<boolean>`(not ${client.draft_only} or t.effect in ('read', 'draft'))`)
      .select(['t.id', 't.name', 't.description', 't.effect', 'g.policy', 't.input_schema'])
      .orderBy('t.name')
      .execute();
    const stopped = switches.some(
      ({ scope, target_id }) => scope === 'workspace' || (scope === 'client' && target_id === clientId),
    );
    return {
      workspace,
      client,
      stopped,
      tools: tools.map(({ id, ...tool }) => ({
        ...tool,
        stopped: stopped || switches.some(({ scope, target_id }) => scope === 'tool' && target_id === id),
      })),
    };
  });
}
