import { statesOf } from '../../ledger/states.ts';
import { findConnector } from '../../registry/connectors/read.ts';
import { type Definition, pin } from '../../registry/tools/definition.ts';
import { findTool } from '../../registry/tools/read.ts';
import type { TenantTx } from '../../store/store.ts';

/** A tool's definition as it is hashed, to be compared. */
export type DefinitionState = Omit<Definition, 'connector_id'> & {
  readonly connector: { readonly id: string; readonly kind: string; readonly config: unknown } | null;
};

/** A definition as an approval was pinned to it, and as it is now. `before` is null where the log does not have it. */
export type Drift = { readonly before: DefinitionState | null; readonly after: DefinitionState };

/**
 * What has changed in a tool since an approval was pinned to `pinnedSha256`. What it was is taken from the log, and is it
 * only if it has that hash: tool and connector may have been changed one after the other.
 */
export async function readDrift(tx: TenantTx, toolId: string, pinnedSha256: string): Promise<Drift | null> {
  const tool = await findTool(tx, toolId);
  if (tool === undefined || tool.definition_sha256 === pinnedSha256) return null;
  const connector = tool.connector_id === null ? undefined : await findConnector(tx, tool.connector_id);
  const after = stateOf(tool, connector ?? null);
  const states = (await statesOf(tx, toolId)).filter(isDefinition);
  const pinned = states.find((state) => state.definition_sha256 === pinnedSha256);
  if (pinned !== undefined) return { before: await withConnector(tx, pinned, pinnedSha256), after };
  // Where its connector was changed, the entry of the tool has the hash and nothing else.
  for (const state of states) {
    const before = await withConnector(tx, state, pinnedSha256);
    if (before !== null) return { before, after };
  }
  return { before: null, after };
}

async function withConnector(tx: TenantTx, definition: Definition, sha256: string): Promise<DefinitionState | null> {
  const { connector_id } = definition;
  if (connector_id === null) return pin(definition, null) === sha256 ? stateOf(definition, null) : null;
  const targets = (await statesOf(tx, connector_id)).filter(isTarget);
  const target = targets.find((one) => pin(definition, { ...one, id: connector_id }) === sha256);
  return target === undefined ? null : stateOf(definition, { ...target, id: connector_id });
}

function stateOf(definition: Definition, connector: DefinitionState['connector']): DefinitionState {
  const { name, effect, input_schema, handler_kind, handler_config } = definition;
  const through = connector && { id: connector.id, kind: connector.kind, config: connector.config };
  return { name, effect, input_schema, handler_kind, handler_config, connector: through };
}

function isDefinition(state: object): state is Definition & { readonly definition_sha256?: unknown } {
  return 'input_schema' in state && 'handler_kind' in state && 'connector_id' in state;
}

function isTarget(state: object): state is { readonly kind: string; readonly config: Record<string, unknown> } {
  return 'kind' in state && 'config' in state;
}
