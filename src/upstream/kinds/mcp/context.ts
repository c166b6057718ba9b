import { z } from 'zod';
import type { Kind } from '../../kind.ts';
import { type JsonText, refused, type UpstreamRequest } from '../../outcome.ts';
import type { McpConnectorConfig, McpContextConfig } from './config.ts';
import { mcpContextConfig } from './config.ts';
import { definitionOf, LISTS } from './definitions.ts';
import { type McpRequest, placeOf, readied, sendTo, throughTo, whereOf } from './kind.ts';
import { isObject } from './messages.ts';
import { outcomeOfRequest } from './outcome.ts';
import type { PeerReply } from './peer.ts';
import type { Pinned } from './peers.ts';
import { boundTo, refuseServer } from './server.ts';
import { matchesTemplate } from './uri-template.ts';

/** What can be asked of what a server serves beside its tools. */
export const CONTEXT_METHODS = {
  prompts: ['prompts/get', 'completion/complete'],
  resources: ['resources/read', 'resources/subscribe', 'completion/complete'],
} as const;

/** The prompts or the resources of an MCP server: read by name or URI, as far as they were accepted. */
export const mcpContext: Kind<McpContextConfig, McpConnectorConfig, McpRequest> = {
  handlerConfig: mcpContextConfig,
  connectorConfig: z.custom<McpConnectorConfig>(() => false, 'connect an MCP server with the kind mcp'),
  isImported: true,
  connectors: { kinds: ['mcp'], required: true },
  takes: () => ({ needed: [], others: 'any' }),
  refuseTarget: refuseServer,
  hostOf: boundTo,
  describeConnector: whereOf,

  describe({ serves }, connector, args) {
    const what = args === undefined ? serves : `${String(args.method).slice(0, 40)} ${nameIn(args)}`;
    const server = connector === null ? 'an MCP server' : `the MCP server at ${placeOf(connector)}`;
    return { sentence: `reads ${what} of ${server}`, details: { serves }, destination: null };
  },

  prepare(handler, connector, request, exceptions) {
    const met = throughTo(connector!, request, exceptions);
    if ('kind' in met) return met;
    const asked = askedFor(handler, request);
    if (typeof asked === 'string') return refused('invalid_arguments', asked);
    return readied({ ...met, ...asked }, handler.timeout_ms);
  },

  async execute(ways, { request }, sending) {
    const reply = await sendTo(ways, request, sending);
    return 'kind' in reply && reply.kind === 'refused' ? reply : outcomeOfRequest(reply as PeerReply);
  },
};

type Asked = Pick<McpRequest, 'method' | 'params' | 'pinned'>;

function askedFor(handler: McpContextConfig, { arguments: { method, params } }: UpstreamRequest): Asked | string {
  const methods: readonly string[] = CONTEXT_METHODS[handler.serves];
  if (typeof method !== 'string' || !methods.includes(method)) return `$.method: is ${methods.join(' or ')}`;
  if (!isObject(params)) return '$.params: is an object, as the method of MCP takes it';
  const { _meta: _, ...sent } = params;
  if (method === 'completion/complete') {
    const fault = completionFault(handler, sent);
    return (
      fault ?? { method, params: textsOf(sent), ...pinnedOf(handler, isObject(sent.ref) ? sent.ref.name : undefined) }
    );
  }
  if (handler.serves === 'prompts') {
    if (!hasPrompt(handler.prompts, sent.name)) return '$.params.name: no prompt of that name has been accepted';
    return { method, params: textsOf(sent), ...pinnedOf(handler, sent.name) };
  }
  const { uri } = sent;
  if (typeof uri !== 'string' || !servesResource(handler, uri)) {
    return '$.params.uri: no resource or template that has this URI has been accepted';
  }
  return { method, params: textsOf(sent), ...pinnedResource(handler, uri) };
}

/**
 * A resource says of itself what it said when it was accepted, and so does the template that stands for a URI. One that is
 * gone is not another one: its server says so.
 */
function pinnedResource(
  { resources, templates }: Extract<McpContextConfig, { serves: 'resources' }>,
  uri: string,
): { readonly pinned?: Pinned } {
  const list = resources.some((one) => one.uri === uri) ? 'resources' : 'templates';
  const item =
    list === 'resources'
      ? resources.find((one) => one.uri === uri)
      : templates.find(({ uriTemplate }) => typeof uriTemplate === 'string' && matchesTemplate(uriTemplate, uri));
  const pin = definitionOf(list, item)?.pin;
  if (item === undefined || pin === undefined) return {};
  return { pinned: { list, name: String(item[LISTS[list].key]), pin, mayBeGone: true } };
}

function completionFault(handler: McpContextConfig, { ref }: Readonly<Record<string, unknown>>): string | undefined {
  const isKnown =
    isObject(ref) &&
    (handler.serves === 'prompts'
      ? ref.type === 'ref/prompt' && hasPrompt(handler.prompts, ref.name)
      : ref.type === 'ref/resource' && handler.templates.some(({ uriTemplate }) => uriTemplate === ref.uri));
  return isKnown ? undefined : '$.params.ref: names no prompt or template that has been accepted';
}

/** A prompt is what it was when it was accepted. */
function pinnedOf(handler: McpContextConfig, name: unknown): { readonly pinned?: Pinned } {
  if (handler.serves !== 'prompts' || typeof name !== 'string') return {};
  const pin = definitionOf(
    'prompts',
    handler.prompts.find((prompt) => prompt.name === name),
  )?.pin;
  return pin === undefined ? {} : { pinned: { list: 'prompts', name, pin } };
}

function hasPrompt(prompts: readonly Record<string, unknown>[], name: unknown): boolean {
  return typeof name === 'string' && prompts.some((prompt) => prompt.name === name);
}

/** Whether a resource was accepted, by itself or by a template. */
export function servesResource(
  {
    resources,
    templates,
  }: { readonly resources: readonly Record<string, unknown>[]; readonly templates: readonly Record<string, unknown>[] },
  uri: string,
): boolean {
  if (resources.some((resource) => resource.uri === uri)) return true;
  return templates.some(({ uriTemplate }) => typeof uriTemplate === 'string' && matchesTemplate(uriTemplate, uri));
}

function textsOf(params: Readonly<Record<string, unknown>>): Readonly<Record<string, JsonText>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, JSON.stringify(value)]));
}

function nameIn({ params }: Readonly<Record<string, unknown>>): string {
  if (!isObject(params)) return '';
  const { name, uri, ref } = params;
  return String(name ?? uri ?? (isObject(ref) ? (ref.name ?? ref.uri) : '') ?? '').slice(0, 200);
}
