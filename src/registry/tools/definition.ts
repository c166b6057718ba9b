import { definitionSha256 } from '../../kernel/envelope.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import { holdsNul } from '../../kernel/text.ts';
import type { TenantTx } from '../../store/store.ts';
import { configClash, connectorMisfit, handlerSchema, takesOf } from '../../upstream/shapes.ts';
import { type Checked, checkConfig, fieldProblem } from '../config-check.ts';
import { findConnector } from '../connectors/read.ts';
import type { ConnectorView } from '../connectors/schemas.ts';
import { checkNamed } from '../secrets/check-named.ts';
import { misplacedArgument } from './misplaced-argument.ts';
import type { ToolView } from './schemas.ts';

/** What a tool does, as far as it is hashed and approved. */
export type Definition = Pick<
  ToolView,
  'name' | 'effect' | 'input_schema' | 'connector_id' | 'handler_kind' | 'handler_config'
>;

/**
 * Checks a definition as a whole: the schema compiles, the config fits the handler, and handler and connector
 * fit each other. `value` has the config with its defaults written out, so that the hash holds those too.
 */
export async function checkDefinition(
  tx: TenantTx,
  given: Definition,
): Promise<Checked<Definition & { definition_sha256: string }>> {
  const compiled = compileSchema(given.input_schema);
  if (!compiled.ok) return refused('input_schema', `${compiled.reason}, at ${compiled.path}`);
  if (holdsNul(given.input_schema)) return refused('input_schema', 'leave out the character U+0000');
  const schema = handlerSchema(given.handler_kind);
  if (schema === undefined)
    return refused('handler_kind', `this version has no tools of the kind ${given.handler_kind}`);
  const config = checkConfig('handler_config', schema, given.handler_config);
  if (!config.ok) return config;
  const misplaced = misplacedArgument(given.input_schema, takesOf(given.handler_kind, given.handler_config)!);
  if (misplaced !== null) return refused(...misplaced);

  const { connector_id } = given;
  const connector = connector_id === null ? null : ((await findConnector(tx, connector_id)) ?? null);
  if (connector_id !== null && connector === null)
    return refused('connector_id', 'there is no such connector in this workspace');
  if (connector?.status === 'revoked') return refused('connector_id', 'the connector has been revoked; choose another');
  const misfit = connectorMisfit(given.handler_kind, connector?.kind ?? null);
  if (misfit !== null) return refused('connector_id', misfit);
  const clash = connector && configClash(given.handler_kind, config.value, connector);
  if (clash) return refused(`handler_config.${clash.member}`, clash.message);
  const unbound = await checkNamed(tx, connector, [{ field: 'handler_config', config: config.value }]);
  if (unbound) return { ok: false, problem: unbound };
  const definition = { ...given, handler_config: config.value as Record<string, unknown> };
  return { ok: true, value: { ...definition, definition_sha256: pin(definition, connector) } };
}

/** The hash of a definition with the target it leads to. */
export function pin(
  definition: Definition,
  connector: (Pick<ConnectorView, 'id' | 'kind'> & { readonly config: unknown }) | null,
): string {
  return definitionSha256({
    name: definition.name,
    effect: definition.effect,
    inputSchema: definition.input_schema,
    handlerKind: definition.handler_kind,
    handlerConfig: definition.handler_config,
    connector: connector && { id: connector.id, kind: connector.kind, config: connector.config },
  });
}

function refused(field: string, message: string): { ok: false; problem: ReturnType<typeof fieldProblem> } {
  return { ok: false, problem: fieldProblem(field, message) };
}
