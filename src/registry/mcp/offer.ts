import { setImmediate } from 'node:timers/promises';
import { sha256Hex } from '../../kernel/hash.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import { plainText } from '../../kernel/plain-text.ts';
import { isSuspicious } from '../../kernel/safe-text/is-suspicious.ts';
import type { Definition } from '../../upstream/kinds/mcp/definitions.ts';
import type { Discovered } from '../../upstream/kinds/mcp/discover.ts';
import { matchesTemplate } from '../../upstream/shapes.ts';
import { guessEffect } from './guess.ts';
import { nameFor, prefixOf } from './names.ts';
import type { Known } from './read.ts';
import type { OfferedContext, OfferedTool, OfferView } from './schemas.ts';
import { schemaOf } from './upstream-text.ts';

/** What is known here of a server that was asked. */
export type Here = {
  readonly connectorName: string;
  readonly known: readonly Known[];
  readonly taken: ReadonlySet<string>;
  readonly elsewhere: ReadonlySet<string>;
  readonly judged: Judged;
};

/** What is to be said of a server's tools by their definitions alone: why one cannot be used, and whether texts hide. */
export type Judged = ReadonlyMap<string, { readonly because: string | null; readonly suspicious: boolean }>;

/** Long enough to get on, and short enough for all others that this process serves. */
const TURN_MS = 10;

/** Looks at each tool of a server. There may be megabytes of them, so others have their turn in between. */
export async function judge({ lists }: Discovered): Promise<Judged> {
  const judged = new Map<string, { because: string | null; suspicious: boolean }>();
  let since = performance.now();
  for (const { value } of lists.tools) {
    const compiled = compileSchema(schemaOf(value.inputSchema));
    const because = compiled.ok ? null : `its input schema is not acceptable: ${compiled.reason}, at ${compiled.path}`;
    judged.set(String(value.name), { because, suspicious: isSuspicious(value) });
    if (performance.now() - since < TURN_MS) continue;
    await setImmediate();
    since = performance.now();
  }
  return judged;
}

/** How many prompts, resources or templates are taken over, and how large all of one kind may be. */
const ITEMS_MAX = 500;
const CONTEXT_MAX = 128 * 1024;

/** What a server has, beside what of it was accepted. Texts of it stay as it sends them: whoever shows them makes them safe. */
export function offerOf({ server, lists, unusable }: Discovered, here: Here): OfferView {
  const prefix = prefixOf(here.connectorName);
  const taken = new Set(here.taken);
  const tools = lists.tools.map((definition) => {
    const known = here.known.find((one) => one.list === 'tools' && one.remote_name === definition.value.name);
    const offered = offeredTool(definition, known, prefix, taken, here.judged);
    taken.add(offered.proposed_name);
    return offered;
  });
  const names = new Set(lists.tools.map(({ value }) => value.name));
  const gone = here.known.filter((one) => one.list === 'tools' && !names.has(one.remote_name));
  const { name, version, protocol } = server;
  return {
    server: { name, version, protocol },
    tools,
    prompts: contextOf('prompts', { prompts: lists.prompts }, here),
    resources: contextOf('resources', { resources: lists.resources, templates: lists.templates }, here),
    gone: gone.map((one) => ({ id: one.tool_id, name: one.name, remote_name: one.remote_name })),
    unusable: Object.values(unusable).reduce((sum, count) => sum + count, 0),
  };
}

function offeredTool(
  { value, pin }: Definition,
  known: Known | undefined,
  prefix: string,
  taken: ReadonlySet<string>,
  judged: Judged,
): OfferedTool {
  const { name, title, description, inputSchema, outputSchema, annotations } = value as Record<string, never> & {
    name: string;
  };
  const { because, suspicious } = judged.get(name)!;
  const proposed = known?.name ?? nameFor(prefix, name, (one) => taken.has(one));
  return {
    name,
    title: typeof title === 'string' ? title : null,
    description: typeof description === 'string' ? description : '',
    input_schema: objectOr(inputSchema, {})!,
    output_schema: objectOr(outputSchema, null),
    annotations: objectOr(annotations, null),
    pin,
    state: because === null ? stateOf(known, pin) : 'unusable',
    because,
    suspicious,
    proposed_name: proposed,
    proposed_effect: known?.effect ?? guessEffect(name, annotations),
    tool: known === undefined ? null : toolOf(known),
  };
}

/** The prompts or resources of a server as one thing that is accepted as a whole; null where it has none. */
function contextOf(
  list: 'prompts' | 'resources',
  found: Readonly<Record<string, readonly Definition[]>>,
  { known, elsewhere }: Here,
): OfferedContext | null {
  const { definition, leftOut } = contextDefinition(found, list === 'resources' ? elsewhere : new Set());
  const one = known.find((row) => row.list === list);
  const items = Object.values(definition).flat();
  if (items.length === 0 && leftOut.length === 0 && one === undefined) return null;
  const pin = sha256Hex(canonicalize(definition));
  const state = items.length === 0 ? 'unusable' : stateOf(one, pin);
  return { pin, state, items, tool: one === undefined ? null : toolOf(one), left_out: leftOut };
}

/** What would be accepted of a server's prompts or resources, and what would not, with the reason. */
export function contextDefinition(
  found: Readonly<Record<string, readonly Definition[]>>,
  elsewhere: ReadonlySet<string>,
): { readonly definition: Record<string, Record<string, unknown>[]>; readonly leftOut: string[] } {
  const leftOut: string[] = [];
  const definition: Record<string, Record<string, unknown>[]> = {};
  let size = 0;
  for (const [list, definitions] of Object.entries(found)) {
    const kept: Record<string, unknown>[] = [];
    for (const { value } of definitions) {
      const name = String(value.uri ?? value.uriTemplate ?? value.name).slice(0, 120);
      size += JSON.stringify(value).length;
      if (kept.length >= ITEMS_MAX || size > CONTEXT_MAX) leftOut.push(`${name}: there are too many`);
      else if (isElsewhere(elsewhere, value)) leftOut.push(`${name}: another server has it`);
      else kept.push(value);
    }
    definition[list] = kept;
  }
  return { definition, leftOut: leftOut.slice(0, 100) };
}

/**
 * Whether another server may stand for a URI of this resource or template. Of two templates it is enough that what they
 * begin with leaves it open.
 */
function isElsewhere(elsewhere: ReadonlySet<string>, { uri, uriTemplate }: Readonly<Record<string, unknown>>): boolean {
  if (elsewhere.has(String(uri ?? uriTemplate))) return true;
  for (const other of elsewhere) {
    if (!other.includes('{')) continue;
    if (typeof uri === 'string' && matchesTemplate(other, uri)) return true;
    if (typeof uriTemplate !== 'string') continue;
    const [own, its] = [uriTemplate.split('{', 1)[0]!, other.split('{', 1)[0]!];
    if (own.startsWith(its) || its.startsWith(own)) return true;
  }
  return false;
}

function stateOf(known: Known | undefined, pin: string): OfferedTool['state'] {
  if (known === undefined) return 'new';
  return known.pin === pin ? 'accepted' : 'changed';
}

function toolOf(known: Known): NonNullable<OfferedTool['tool']> {
  return { id: known.tool_id, name: known.name, quarantined_at: known.quarantined_at?.toISOString() ?? null };
}

function objectOr<T>(value: unknown, other: T): Record<string, unknown> | T {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : other;
}

/** What agents are told of a tool: what the server says, as people could see it. */
export function descriptionOf(value: Readonly<Record<string, unknown>>): string {
  const title = plainText(value.title, 200);
  const description = plainText(value.description);
  return description === '' ? title : description;
}
