import { edit, make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Effect, isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import type { Discovered } from '../../upstream/kinds/mcp/discover.ts';
import { handlerSchema } from '../../upstream/shapes.ts';
import { fieldProblem } from '../config-check.ts';
import { findConnector } from '../connectors/read.ts';
import type { ConnectorView } from '../connectors/schemas.ts';
import { type Definition, pin as pinOf } from '../tools/definition.ts';
import { findTool, findToolByName, toolState } from '../tools/read.ts';
import type { ToolView } from '../tools/schemas.ts';
import { nameFor, prefixOf } from './names.ts';
import { contextDefinition, descriptionOf, type Judged, offerOf } from './offer.ts';
import { findKnown, type Known, knownOf, resourcesElsewhere, takenNames } from './read.ts';
import type { AcceptedView, AcceptInput } from './schemas.ts';
import { paramHeaders, schemaOf } from './upstream-text.ts';

type List = Known['list'];
/** Something a server says, to be taken over: what it says, and the hash over that. */
type Said = { readonly list: List; readonly value: Readonly<Record<string, unknown>>; readonly pin: string };

/**
 * Takes over what an admin has chosen of a server, as it was shown to them: by the hash over each definition. New tools are
 * made, changed ones are changed, and whatever was quarantined is free again. All or nothing.
 */
export async function acceptOffer(
  ctx: Verb,
  connectorId: string,
  input: AcceptInput,
  discovered: Discovered,
  judged: Judged,
): Promise<AcceptedView | Problem> {
  const { tx } = ctx;
  const connector = await findConnector(tx, connectorId);
  if (connector === undefined) return problem('not_found');
  if (connector.status === 'revoked') return problem('conflict', 'The connector has been revoked.');
  const known = await knownOf(tx, connectorId);
  const taken = await takenNames(tx);
  const elsewhere = await resourcesElsewhere(tx, connectorId);
  const offer = offerOf(discovered, { connectorName: connector.name, known, taken, elsewhere, judged });
  const tools: ToolView[] = [];
  const keep = (answer: ToolView | Problem): Problem | undefined => {
    if (isRefused(answer)) return answer;
    tools.push(answer);
    return undefined;
  };
  for (const [index, chosen] of input.tools.entries()) {
    const field = `tools.${index}`;
    const offered = offer.tools.find(({ name }) => name === chosen.name);
    if (offered === undefined) return fieldProblem(`${field}.name`, 'the server has no tool of that name');
    if (offered.pin !== chosen.pin) return fieldProblem(`${field}.pin`, MOVED);
    if (offered.because !== null) return fieldProblem(`${field}.name`, offered.because);
    const { value } = discovered.lists.tools.find((one) => one.value.name === chosen.name)!;
    const said: Said = { list: 'tools', value, pin: offered.pin };
    if (offered.tool === null && chosen.effect === undefined) {
      return fieldProblem(`${field}.effect`, 'say what the tool does outside: it is new here');
    }
    const wanted = { name: chosen.as ?? offered.proposed_name, effect: chosen.effect ?? offered.proposed_effect };
    const refused = keep(
      offered.tool === null
        ? await takeOver(ctx, connector, said, wanted, `${field}.as`)
        : await takeAgain(ctx, connector, offered.tool.id, said, chosen.effect, chosen.as),
    );
    if (refused) return refused;
  }
  for (const list of ['prompts', 'resources'] as const) {
    const chosen = input[list];
    const offered = offer[list];
    if (chosen === undefined) continue;
    if (offered === null) return fieldProblem(list, `the server has no ${list}`);
    if (offered.pin !== chosen) return fieldProblem(list, MOVED);
    if (offered.state === 'unusable') return fieldProblem(list, `the server has no ${list} that can be taken over`);
    const { prompts, resources, templates } = discovered.lists;
    const found: Record<string, Discovered['lists']['tools']> =
      list === 'prompts' ? { prompts } : { resources, templates };
    const { definition } = contextDefinition(found, list === 'resources' ? elsewhere : new Set());
    const said: Said = { list, value: definition, pin: offered.pin };
    const name = nameFor(`${prefixOf(connector.name)}.context`, list, (one) => taken.has(one));
    const wanted = { name, effect: 'read' as const };
    const refused = keep(
      offered.tool === null
        ? await takeOver(ctx, connector, said, wanted, list)
        : await takeAgain(ctx, connector, offered.tool.id, said),
    );
    if (refused) return refused;
  }
  return { tools };
}

const MOVED = 'the server says something else by now; discover again and look at it';

/**
 * Accepts what a server says of one tool by now, as it was last heard: `pin` is the hash over what the admin was shown.
 * Lifts the quarantine.
 */
export async function acceptDrift(ctx: Verb, toolId: string, pin: string): Promise<ToolView | Problem> {
  const known = await findKnown(ctx.tx, toolId);
  if (known === undefined) return problem('conflict', 'It is no tool of an MCP server that is in use.');
  const connector = known.connector_id === null ? undefined : await findConnector(ctx.tx, known.connector_id);
  if (connector === undefined || connector.status === 'revoked')
    return problem('conflict', 'The connector of the tool has been revoked.');
  if (known.quarantined_at === null) return problem('conflict', 'The tool is not quarantined.');
  if (known.seen === null && known.seen_at !== null) {
    return problem('conflict', 'The server has it no more. Archive the tool, or discover again once it is back.');
  }
  const value = (known.seen ?? known.definition) as Record<string, unknown>;
  const present = known.seen_pin ?? known.pin;
  if (present !== pin) return fieldProblem('pin', 'that is not what the server says by now; look at it again');
  return takeAgain(ctx, connector, toolId, { list: known.list, value, pin });
}

/** Makes the tool of what a server says. */
function takeOver(
  ctx: Verb,
  connector: ConnectorView,
  said: Said,
  { name, effect }: { readonly name: string; readonly effect: Effect },
  field: string,
): Promise<ToolView | Problem> {
  const { tx } = ctx;
  const id = newId('tool');
  return make(ctx, {
    read: () => findTool(tx, id),
    async make() {
      const built = definitionFrom(said, { name, effect, connector_id: connector.id });
      if (isRefused(built)) return built;
      if (await findToolByName(tx, name)) return fieldProblem(field, `there is a tool named ${name} already`);
      await tx.db
        .insertInto('tools')
        .values({
          tenant_id: tx.tenantId,
          id,
          description: descriptionOf(said.value),
          ...built,
          input_schema: JSON.stringify(built.input_schema),
          handler_config: JSON.stringify(built.handler_config),
          definition_sha256: pinOf(built, connector),
        })
        .execute();
      await tx.db
        .insertInto('mcp_definitions')
        .values({
          tenant_id: tx.tenantId,
          tool_id: id,
          list: said.list,
          remote_name: said.list === 'tools' ? String(said.value.name) : said.list,
          definition: JSON.stringify(said.value),
          pin: said.pin,
          seen: null,
        })
        .execute();
      return undefined;
    },
    event: { type: 'tool.created', kind: 'tool', id, state: toolState, data: () => dataOf(said) },
  });
}

/** Changes a tool into what its server says by now, and lifts its quarantine. */
function takeAgain(
  ctx: Verb,
  connector: ConnectorView,
  id: string,
  said: Said,
  newEffect?: Effect,
  newName?: string,
): Promise<ToolView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findTool(tx, id),
    async update(before) {
      const { effect = before.effect, name = before.name } = {
        ...(newEffect && { effect: newEffect }),
        ...(newName && { name: newName }),
      };
      const built = definitionFrom(said, { name, effect, connector_id: connector.id });
      if (isRefused(built)) return built;
      const namesake = name === before.name ? undefined : await findToolByName(tx, name);
      if (namesake) return problem('conflict', `There is a tool named ${name} already.`);
      const definition_sha256 = pinOf(built, connector);
      const isSame = definition_sha256 === before.definition_sha256 && before.quarantined_at === null;
      if (isSame) return 'unchanged';
      await tx.db
        .updateTable('mcp_definitions')
        .set({ definition: JSON.stringify(said.value), pin: said.pin, seen: null, seen_pin: null, seen_at: null })
        .where('tenant_id', '=', tx.tenantId)
        .where('tool_id', '=', id)
        .execute();
      return updateVersion(tx, 'tools', before, {
        ...built,
        description: descriptionOf(said.value),
        input_schema: JSON.stringify(built.input_schema),
        handler_config: JSON.stringify(built.handler_config),
        definition_sha256,
        quarantined_at: null,
      });
    },
    event: { type: 'tool.updated', kind: 'tool', id, state: toolState, data: () => dataOf(said) },
  });
}

/** What a server says as the definition of a tool here. */
function definitionFrom(
  { list, value, pin }: Said,
  here: Pick<Definition, 'name' | 'effect' | 'connector_id'>,
): Definition | Problem {
  const isTool = list === 'tools';
  const input_schema = isTool ? schemaOf(value.inputSchema) : CONTEXT_SCHEMA[list];
  const compiled = compileSchema(input_schema);
  if (!compiled.ok) {
    return problem(
      'conflict',
      `The input schema of ${here.name} is not acceptable: ${compiled.reason}, at ${compiled.path}.`,
    );
  }
  const handler_kind = isTool ? 'mcp' : 'mcp_context';
  const headers = isTool ? paramHeaders(value.inputSchema).slice(0, 16) : [];
  const config = isTool
    ? { tool: value.name, pin, ...(headers.length > 0 && { param_headers: headers }) }
    : { serves: list, pin, ...value };
  const parsed = handlerSchema(handler_kind)!.safeParse(config);
  if (!parsed.success) return problem('conflict', `What the server says of ${here.name} is not acceptable.`);
  return { ...here, input_schema, handler_kind, handler_config: parsed.data as Record<string, unknown> };
}

const schemaFor = (methods: readonly string[]): Record<string, unknown> => ({
  type: 'object',
  required: ['method', 'params'],
  additionalProperties: false,
  properties: {
    method: { enum: methods },
    params: { type: 'object', description: 'As the method of MCP takes them.' },
  },
});
const CONTEXT_SCHEMA = {
  prompts: schemaFor(['prompts/get', 'completion/complete']),
  resources: schemaFor(['resources/read', 'resources/subscribe', 'completion/complete']),
} as const;

/** Accepting is said of in the log by what was accepted: a definition may be long, and stands in the state. */
function dataOf({ list, pin }: Said): Record<string, unknown> {
  return { accepted: list, pin };
}

/** The hash over a definition that is put together here. */
export function pinOfValue(value: unknown): string {
  return sha256Hex(canonicalize(value));
}
