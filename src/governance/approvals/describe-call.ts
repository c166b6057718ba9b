import type { JsonObject } from '../../kernel/strict-json.ts';
import type { TenantTx } from '../../store/store.ts';
import type { CallDescription } from '../../upstream/kind.ts';
import { describeCall } from '../../upstream/shapes.ts';

/**
 * What the pinned call would do outside, in words, or null where that cannot be said. Only for an approval whose tool
 * is still the one that it is pinned to: then its connector and config are, too. `summary` begins the sentence.
 */
export async function describePinned(
  tx: TenantTx,
  toolId: string,
  summary: string,
  args: JsonObject,
): Promise<CallDescription | null> {
  const tool = await tx.db
    .selectFrom('tools as t')
    .leftJoin('connectors as n', (join) =>
      join.onRef('n.tenant_id', '=', 't.tenant_id').onRef('n.id', '=', 't.connector_id'),
    )
    .select(['t.handler_kind', 't.handler_config', 'n.kind', 'n.config'])
    .where('t.tenant_id', '=', tx.tenantId)
    .where('t.id', '=', toolId)
    .executeTakeFirstOrThrow();
  const connector = tool.kind === null ? null : { kind: tool.kind, config: tool.config };
  const route = { handlerKind: tool.handler_kind, handlerConfig: tool.handler_config, connector };
  const described = describeCall(route, args);
  if (described === undefined) return null;
  const { destination } = described;
  const way = destination === null ? described.sentence : `${destination.method} ${destination.url}`;
  return { ...described, sentence: destination === null ? `${summary}: ${way}` : `${summary} through ${way}` };
}
