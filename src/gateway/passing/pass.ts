import type { JsonObject } from '../../kernel/strict-json.ts';
import { isContext, servedBy } from '../../upstream/shapes.ts';
import type { Admission } from '../admit/admit.ts';
import { type Call, newCall } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Dispatch } from '../dispatch.ts';
import type { Facts } from '../facts/facts.ts';
import type { FactsReader, KnownCaller } from '../facts/reader.ts';
import type { Rules } from '../rule/rule.ts';
import type { Passed, Passing, PassingCall, PassThrough } from './passing.ts';

/** What was accepted of one server's prompts or resources, and is granted to a client. */
type Context = { readonly tool: string; readonly server: string; readonly config: Readonly<Record<string, unknown>> };

/** Passes requests for prompts, resources and completions on: each is the call of a tool, which is granted like any other. */
export function createPassThrough(
  facts: FactsReader,
  rules: Rules,
  dispatch: Dispatch,
  { admit, countedOut, keepWatching }: Admits,
): PassThrough {
  const granted = async (caller: KnownCaller): Promise<Context[]> => {
    const { tools } = await facts.granted(caller);
    return tools.filter(({ facts: of }) => isOpen(rules, caller, of)).map(({ facts: of }) => contextOf(of));
  };
  return {
    keepWatching,

    async readable(client) {
      const contexts = await granted({ kind: 'client', ...client });
      return (uri) => contexts.some(({ config }) => servedBy('mcp_context', config, uri));
    },

    async list(client, only) {
      const passing = { prompts: [], resources: [], resourceTemplates: [] } as {
        -readonly [Kind in keyof Passing]: Passed[];
      };
      for (const { server, config } of await granted({ kind: 'client', ...client })) {
        if (only !== undefined && server !== only) continue;
        for (const prompt of itemsOf(config.prompts))
          passing.prompts.push({ ...prompt, name: `${server}.${prompt.name}` });
        passing.resources.push(...itemsOf(config.resources));
        passing.resourceTemplates.push(...itemsOf(config.templates));
      }
      return passing as unknown as Passing;
    },

    async pass(call, progress = {}) {
      const asked = unplaced(call);
      // Before what was granted is looked up: that is not to be had without limit.
      const admission = await admit(asked);
      progress.rate = admission.taken?.rate;
      if (admission.kind === 'deny') return countedOut(asked, admission);
      progress.admitted = admission;
      const { caller } = admission;
      const placed = caller.kind === 'client' ? placeOf(await granted(caller), call) : undefined;
      return dispatch(placed === undefined ? asked : { ...asked, ...argumentsOf(call, placed) }, progress);
    },
  };
}

/** The first verb of a call, and how one that was not let in is counted. */
type Admits = Pick<Deps, 'countedOut'> &
  Pick<PassThrough, 'keepWatching'> & { admit(call: Call): Admission | Promise<Admission> };

function isOpen(rules: Rules, caller: KnownCaller, of: Facts): boolean {
  if (!isContext(of.tool!.handlerKind)) return false;
  return (
    rules.standing(newCall({ via: 'rest', credential: caller, toolName: of.tool!.name }), of).refusal === undefined
  );
}

function contextOf({ tool }: Facts): Context {
  const { name, handlerConfig } = tool!;
  return { tool: name, server: name.split('.', 1)[0]!, config: handlerConfig as Record<string, unknown> };
}

/** Where a request leads, and its params as that server knows them; undefined where nothing that is granted has it. */
function placeOf(
  contexts: readonly Context[],
  { method, params }: PassingCall,
): { readonly tool: string; readonly params: Readonly<Record<string, unknown>> } | undefined {
  const ref = method === 'completion/complete' ? (params.ref as Record<string, unknown> | undefined) : undefined;
  const name = method === 'prompts/get' ? params.name : ref?.type === 'ref/prompt' ? ref.name : undefined;
  if (name !== undefined) {
    for (const { tool, server, config } of contexts) {
      const own = String(name).startsWith(`${server}.`) ? String(name).slice(server.length + 1) : undefined;
      if (own === undefined || !itemsOf(config.prompts).some((prompt) => prompt.name === own)) continue;
      return { tool, params: ref === undefined ? { ...params, name: own } : { ...params, ref: { ...ref, name: own } } };
    }
    return undefined;
  }
  const uri = String(ref?.uri ?? params.uri ?? '');
  const exact = contexts.find(
    ({ config }) =>
      itemsOf(config.resources).some((resource) => resource.uri === uri) ||
      (ref !== undefined && itemsOf(config.templates).some((template) => template.uriTemplate === uri)),
  );
  const found = exact ?? contexts.find(({ config }) => servedBy('mcp_context', config, uri));
  return found && { tool: found.tool, params };
}

/** The call as one that no grant allows: it is refused, recorded and metered like any other. */
function unplaced({ method, params: _, ...asked }: PassingCall) {
  return newCall({ ...asked, toolName: method });
}

/** The arguments of the tool, or that they cannot be written down. */
function argumentsOf(
  { via, credential, method }: PassingCall,
  { tool, params }: NonNullable<ReturnType<typeof placeOf>>,
): Partial<Call> {
  try {
    const made = newCall({ via, credential, arguments: { method, params } as unknown as JsonObject });
    return { toolName: tool, arguments: made.arguments, argumentsCanonical: made.argumentsCanonical };
  } catch {
    return { toolName: tool, unreadable: { code: 'invalid_payload' } };
  }
}

function itemsOf(items: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(items) ? items : [];
}
