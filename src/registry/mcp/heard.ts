import { withdrawRequests } from '../../held/withdraw.ts';
import { edit } from '../../identity/change.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { SYSTEM } from '../../kernel/actor.ts';
import { isRefused } from '../../kernel/codes.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { transact } from '../../store/transact.ts';
import type { Definition, ListName } from '../../upstream/kinds/mcp/definitions.ts';
import type { HeardOf } from '../../upstream/kinds/mcp/peers.ts';
import { findTool, toolState } from '../tools/read.ts';
import { pinOfValue } from './accept.ts';
import { contextDefinition } from './offer.ts';
import { type Known, knownOf } from './read.ts';

/** What a server says of something that was accepted; null where it has it no more. */
type Seen = { readonly value: Readonly<Record<string, unknown>>; readonly pin: string } | null;

/**
 * Compares what a server says with what was accepted of it. Whatever differs is quarantined: nobody can call it until an
 * admin has looked at the difference. What says again what was accepted stays quarantined, with nothing left to compare.
 * Throws where that cannot be written down, so that nothing is called under it.
 */
export async function compareHeard(store: Store, { tenantId, connectorId, list, items }: HeardOf): Promise<void> {
  const moved = await store.withTenant(tenantId, async (tx) => movedOf(await knownOf(tx, connectorId), list, items));
  for (const { toolId } of moved) {
    // Read again under the lock: an admin may have accepted it meanwhile.
    const answer = await transact(store, tenantId, (tx) =>
      edit({ tx, actor: SYSTEM }, quarantining(tx, connectorId, toolId, list, items)),
    );
    if (isRefused(answer) && answer.code !== 'not_found')
      throw new Error(`A tool could not be quarantined: ${answer.code}`);
  }
}

type Moved = { readonly toolId: string; readonly known: Known; readonly seen: Seen };

/** What of the accepted differs from what is said, or differed and is told of no more. */
function movedOf(known: readonly Known[], list: ListName, items: ReadonlyMap<string, Definition>): Moved[] {
  return known
    .filter((one) => one.list === (list === 'templates' ? 'resources' : list))
    .map((one) => ({ toolId: one.tool_id, known: one, seen: seenOf(one, items, list) }))
    .filter(({ known: one, seen }) => {
      if (seen?.pin === one.pin) return one.seen_at !== null;
      return one.quarantined_at === null || one.seen_at === null || one.seen_pin !== (seen?.pin ?? null);
    });
}

export function seenOf(
  known: Pick<Known, 'list' | 'remote_name' | 'definition' | 'pin'> & Partial<Pick<Known, 'seen'>>,
  items: ReadonlyMap<string, Definition>,
  list: ListName = known.list,
): Seen {
  if (known.list === 'tools') return items.get(known.remote_name) ?? null;
  if (known.list === 'resources') return resourcesSeen(known, items, list);
  const { prompts = [] } = known.definition as { prompts?: readonly Record<string, unknown>[] };
  const isSame = prompts.every((prompt) => items.get(String(prompt.name))?.pin === pinOfValue(prompt));
  // What is new beside the accepted ones is offered, and changes nothing of them.
  if (isSame) return { value: known.definition as Record<string, unknown>, pin: known.pin };
  const value = contextDefinition({ prompts: [...items.values()] }, new Set()).definition;
  return { value, pin: pinOfValue(value) };
}

/**
 * What a server says of the resources or the templates that were accepted. They come and go, which changes nothing of
 * those that are there; what it says otherwise of one does. What it says of the other list was looked at with that.
 */
function resourcesSeen(
  { definition, pin, seen = null }: Pick<Known, 'definition' | 'pin'> & Partial<Pick<Known, 'seen'>>,
  items: ReadonlyMap<string, Definition>,
  list: ListName,
): Seen {
  if (list !== 'resources' && list !== 'templates') return { value: definition as Record<string, unknown>, pin };
  const accepted = definition as Readonly<Record<string, Record<string, unknown>[] | undefined>>;
  const other = list === 'resources' ? 'templates' : 'resources';
  const saidOfOther = (seen as typeof accepted | null)?.[other] ?? accepted[other] ?? [];
  const now = (accepted[list] ?? []).map((one) => items.get(String(one.uri ?? one.uriTemplate))?.value ?? one);
  const value = { ...accepted, [list]: now, [other]: saidOfOther };
  return { value, pin: pinOfValue(value) };
}

function quarantining(
  tx: TenantTx,
  connectorId: string,
  toolId: string,
  list: ListName,
  items: ReadonlyMap<string, Definition>,
): Parameters<typeof edit<NonNullable<Awaited<ReturnType<typeof findTool>>>>>[1] {
  return {
    read: () => findTool(tx, toolId),
    async update({ version, quarantined_at }) {
      const [moved] = movedOf(await knownOf(tx, connectorId), list, items).filter((one) => one.toolId === toolId);
      if (moved === undefined) return 'unchanged';
      const isBack = moved.seen?.pin === moved.known.pin;
      await tx.db
        .updateTable('mcp_definitions')
        .set({
          seen: isBack || moved.seen === null ? null : JSON.stringify(moved.seen.value),
          seen_pin: isBack ? null : (moved.seen?.pin ?? null),
          seen_at: isBack ? null : tx.at,
        })
        .where('tenant_id', '=', tx.tenantId)
        .where('tool_id', '=', toolId)
        .execute();
      if (quarantined_at !== null) return 'unchanged';
      return updateVersion(tx, 'tools', { id: toolId, version }, { quarantined_at: tx.at });
    },
    event: {
      type: 'tool.quarantined',
      kind: 'tool',
      id: toolId,
      state: toolState,
      data: () => ({ connector_id: connectorId }),
    },
    // Accepting the difference makes another definition of it, for which nobody has asked.
    follow: () => withdrawRequests({ tx, actor: SYSTEM }, { because: 'tool_quarantined', toolId }),
  };
}
