import { type Effect, isRefused, type Policy, type Refusal } from '../../kernel/codes.ts';
import { refuseToken } from '../../registry/tokens/standing.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { isContext } from '../../upstream/shapes.ts';
import { newCall } from '../call.ts';
import type { FactsReader, KnownCaller } from '../facts/reader.ts';
import type { Rules } from '../rule/rule.ts';

/** What a client may do, as `GET /api/agent/gateway` tells it. */
export type ClientStatus = {
  readonly workspace: { readonly slug: string; readonly name: string };
  readonly client: {
    readonly id: string;
    readonly name: string;
    readonly draft_only: boolean;
    readonly rpm_limit: number;
  };
  readonly tools: readonly GrantedTool[];
  readonly stopped: boolean;
};

export type GrantedTool = {
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  /** The grant's own policy: what it is called with may raise it. */
  readonly policy: Policy;
  /** Whether the grant has rules, so that a call may need people whatever its own policy says. */
  readonly has_rules: boolean;
  /** Whether a call has to say why it is made. */
  readonly justification_required: boolean;
  readonly input_schema: unknown;
  readonly stopped: boolean;
  /** Of what an MCP server has: what that says of it, as it was accepted, and whether it is a tool there. */
  readonly imported?: { readonly isTool: boolean; readonly definition: Readonly<Record<string, unknown>> };
};

/**
 * The tools that a client may call, and whether a kill switch stops it or any of them. What would be refused for another
 * reason whatever it is called with is not there: it is the same ruling that a call gets, before there is a call.
 */
export async function readClientStatus(
  store: Store,
  facts: FactsReader,
  rules: Rules,
  caller: KnownCaller & { readonly tokenId: string },
): Promise<ClientStatus | Refusal> {
  const about = await store.withTenant(caller.tenantId, async (tx) => {
    // Whose token it is may be remembered from before it was revoked.
    const refused = await refuseToken(tx, caller.tokenId, false);
    return refused ?? readAbout(tx, caller.clientId);
  });
  if (isRefused(about)) return about;
  const granted = await facts.granted(caller);
  const tools = granted.tools.flatMap(({ facts: of, about: { description, input_schema, definition } }) => {
    const { name, effect, handlerKind: kind } = of.tool!;
    const { refusal, policy } = rules.standing(newCall({ via: 'rest', credential: caller, toolName: name }), of);
    const stopped = refusal?.code === 'kill_switch';
    if (refusal !== undefined && !stopped) return [];
    return [
      {
        name,
        description,
        effect,
        policy: policy ?? of.grant!.basePolicy,
        has_rules: of.grant!.rules !== undefined,
        justification_required: of.grant!.justificationRequired,
        input_schema,
        stopped,
        ...(definition && { imported: { isTool: !isContext(kind), definition } }),
      },
    ];
  });
  const stopped = granted.switchesOn.some(
    ({ scope, target_id, lifted_until }) =>
      lifted_until === null && (scope === 'workspace' || (scope === 'client' && target_id === caller.clientId)),
  );
  return { ...about, stopped, tools };
}

async function readAbout(
  { db, tenantId }: TenantTx,
  clientId: string,
): Promise<Pick<ClientStatus, 'workspace' | 'client'>> {
  return {
    workspace: await db
      .selectFrom('workspaces')
      .select(['slug', 'name'])
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow(),
    client: await db
      .selectFrom('integration_clients')
      .select(['id', 'name', 'draft_only', 'rpm_limit'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', clientId)
      .executeTakeFirstOrThrow(),
  };
}
