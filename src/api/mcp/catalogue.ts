import type { ClientStatus, GrantedTool } from '../../gateway/reads/status.ts';
import type { Effect } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { plainText } from '../../kernel/plain-text.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { unmarked } from '../../registry/mcp/upstream-text.ts';

/** The tools of a client as MCP lists them, and the gate's own beside them. */

/** Of a list longer than this a client may ask for the means to search it instead. */
export const SEARCH_ABOVE = 40;
const PAGE_TOOLS = 50;
const FOUND_MAX = 20;
const TITLE_MAX = 200;

/** What a path below /mcp shows: the tools whose names begin so, without that beginning. */
export type View = { readonly prefix: string };
export const WHOLE: View = { prefix: '' };

export type McpTool = {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
  readonly annotations: object;
  readonly _meta: object;
};

/** The shape of what the gate wraps around a result of an upstream that is no MCP server. */
const WRAPPED = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string' }, execution_id: { type: 'string' }, result: {} },
};

const HINTS: Readonly<Record<Effect, object>> = {
  read: { readOnlyHint: true },
  draft: { readOnlyHint: false, destructiveHint: false },
  write: { readOnlyHint: false },
  send: { readOnlyHint: false, destructiveHint: false },
  publish: { readOnlyHint: false, destructiveHint: false },
  charge: { readOnlyHint: false, destructiveHint: true },
  delete: { readOnlyHint: false, destructiveHint: true },
};

const WAITS = {
  auto: '',
  approve: 'A person has to approve each call before it runs.',
  'approve-dual': 'Two people have to approve each call before it runs.',
} as const;

const MAY_WAIT = 'Some calls wait for people to approve them before they run.';
const SAYS_WHY = 'Each call has to say why it is made: make it with call_tool and its justification.';

/** Whether a call of the tool may be answered before it has run. */
const mayWait = ({ policy, has_rules }: GrantedTool): boolean => policy !== 'auto' || has_rules;

/** Exactly what the client may call now: what a kill switch stops is left out. */
export function callable(status: ClientStatus, { prefix }: View): GrantedTool[] {
  if (status.stopped) return [];
  return status.tools.filter(
    ({ name, stopped, imported }) => !stopped && name.startsWith(prefix) && imported?.isTool !== false,
  );
}

/**
 * A tool's name as models take it: their makers allow no dots in the names of functions, and a tool's own name has no
 * hyphens, so a hyphen stands for a dot.
 */
function shownName(name: string, prefix: string): string {
  return name.slice(prefix.length).replaceAll('.', '-');
}

/** The tool that a client means, whether it writes its name with dots or as it was listed. */
export function namedTool(name: string, { prefix }: View): string {
  return `${prefix}${name.replaceAll('-', '.')}`;
}

export function toolOf(tool: GrantedTool, { prefix }: View): McpTool {
  const { name, description, effect, policy, justification_required, input_schema: inputSchema } = tool;
  const { title, annotations, inputSchema: its, outputSchema } = tool.imported?.definition ?? {};
  // An answer that says that nothing ran would not fit an upstream's own schema.
  const shape =
    outputSchema === undefined
      ? tool.imported !== undefined
        ? undefined
        : WRAPPED
      : mayWait(tool)
        ? undefined
        : outputSchema;
  const waits = policy === 'auto' && mayWait(tool) ? MAY_WAIT : WAITS[policy];
  return {
    name: shownName(name, prefix),
    title: plainText(title, TITLE_MAX) || name,
    description: [description, waits, justification_required ? SAYS_WHY : ''].filter((part) => part !== '').join(' '),
    inputSchema: its === undefined ? inputSchema : unmarked(its),
    ...(shape !== undefined && { outputSchema: shape }),
    annotations: { ...plainTitle(annotations as object | undefined), ...HINTS[effect] },
    _meta: { 'countersign/effect': effect, 'countersign/policy': policy },
  };
}

/** What a server calls its tool there, as people could see it. */
function plainTitle(annotations: { readonly title?: unknown } = {}): object {
  return annotations.title === undefined
    ? annotations
    : { ...annotations, title: plainText(annotations.title, TITLE_MAX) };
}

const APPROVAL_ID = {
  type: 'string',
  description: 'The approval_id of the answer that said that nothing has run: apv_…',
};

/** The gate's own tools, by name. They read, or stand for a call of another tool; none of them reaches outside by itself. */
export const OWN_TOOLS = {
  get_approval_status: own(
    'get_approval_status',
    'Says where a call of yours stands that waited for people to approve it, and what came of it once it has run.',
    { approval_id: APPROVAL_ID },
    ['approval_id'],
  ),
  await_approval: own(
    'await_approval',
    'Waits until people have decided about a call of yours, and answers with what came of it. Answers after wait_seconds at the latest; then call it again.',
    {
      approval_id: APPROVAL_ID,
      wait_seconds: { type: 'integer', minimum: 1, maximum: 60, default: 50, description: 'How long to wait at most.' },
    },
    ['approval_id'],
  ),
  search_tools: own(
    'search_tools',
    'Finds tools that you may call by words in their names and descriptions. Without words it names the first ones.',
    {
      query: { type: 'string', maxLength: 200, default: '' },
      limit: { type: 'integer', minimum: 1, maximum: FOUND_MAX, default: 10 },
    },
    [],
  ),
  describe_tool: own(
    'describe_tool',
    'Gives the whole definition of a tool, with the schema of its arguments.',
    { name: { type: 'string', description: 'A name that search_tools gave.' } },
    ['name'],
  ),
  call_tool: own(
    'call_tool',
    'Calls a tool by its name, with the arguments that it asks for, and says to the people who approve why.',
    {
      name: { type: 'string' },
      arguments: { type: 'object', default: {} },
      justification: {
        type: 'string',
        maxLength: 2000,
        description: 'Why the call is made, for the people who approve.',
      },
    },
    ['name'],
    { readOnlyHint: false },
  ),
} satisfies Record<string, McpTool>;

export type OwnTool = keyof typeof OWN_TOOLS;

export function isOwnTool(name: string): name is OwnTool {
  return Object.hasOwn(OWN_TOOLS, name);
}

function own(
  name: string,
  description: string,
  properties: object,
  required: string[],
  annotations: object = { readOnlyHint: true, openWorldHint: false },
): McpTool {
  const inputSchema = { type: 'object', properties, required, additionalProperties: false };
  return { name, description, inputSchema, annotations, _meta: {} };
}

/** What `tools/list` shows: every tool, or the means to search them where there are many and the client asked for that. */
export function listed(status: ClientStatus, view: View, search: boolean): McpTool[] {
  const tools = callable(status, view);
  const waiting = tools.some(mayWait) ? [OWN_TOOLS.get_approval_status, OWN_TOOLS.await_approval] : [];
  if (search && tools.length > SEARCH_ABOVE) {
    return [OWN_TOOLS.search_tools, OWN_TOOLS.describe_tool, OWN_TOOLS.call_tool, ...waiting];
  }
  const shown = tools.map((tool) => toolOf(tool, view)).filter(({ name }) => !isOwnTool(name));
  // A model writes arguments and nothing beside them: so that is where it can say why.
  const saying = tools.some(({ justification_required }) => justification_required) ? [OWN_TOOLS.call_tool] : [];
  return [...shown, ...saying, ...waiting];
}

/** One page, and where the next begins. Undefined for a cursor that was never given out. */
export function pageOf<T extends { readonly name: string; readonly uri?: string; readonly uriTemplate?: string }>(
  all: readonly T[],
  cursor: string | undefined,
): { readonly items: T[]; readonly nextCursor?: string } | undefined {
  let start = 0;
  if (cursor !== undefined) {
    const [, at, mark] = /^(\d{1,6})-([0-9a-f]{16})$/.exec(cursor) ?? [];
    if (at === undefined) return undefined;
    // Where the list changed meanwhile, it goes on behind the last that was shown.
    const before = all[Number(at) - 1];
    const isThere = before !== undefined && markOf(before) === mark;
    const found = isThere ? Number(at) - 1 : all.findIndex((one) => markOf(one) === mark);
    start = found === -1 ? Math.min(Number(at), all.length) : found + 1;
  }
  const items = all.slice(start, start + PAGE_TOOLS);
  const last = items.at(-1);
  const end = start + items.length;
  if (last === undefined || end >= all.length) return { items };
  return { items, nextCursor: `${end}-${markOf(last)}` };
}

/** What tells one of a list from the others: of resources several may have one name, and names may be long. */
function markOf({ name, uri, uriTemplate }: Parameters<typeof pageOf>[0][number]): string {
  return sha256Hex(uri ?? uriTemplate ?? name).slice(0, 16);
}

/** The tools that fit some words best, with what tells them apart. */
export function search(status: ClientStatus, view: View, query: string, limit: number): JsonObject {
  const words = query
    .toLowerCase()
    .split(/[\s._-]+/)
    .filter((word) => word !== '');
  const rated = callable(status, view).map((tool) => {
    const name = tool.name.toLowerCase();
    const description = tool.description.toLowerCase();
    const points = words.map((word) => (name.includes(word) ? 3 : 0) + (description.includes(word) ? 1 : 0));
    return { tool, points: words.length === 0 ? 1 : points.reduce((sum, one) => sum + one, 0) };
  });
  const fitting = rated.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
  const tools = fitting.slice(0, Math.min(limit, FOUND_MAX)).map(({ tool: { name, description, effect, policy } }) => ({
    name: shownName(name, view.prefix),
    description: description.slice(0, 300),
    effect,
    policy,
  }));
  return { found: fitting.length, tools };
}
