import type { z } from 'zod';
import { type AuthorizationConfig, authorizationIn, refuseProvider, tokenHostOf } from './authorization.ts';
import type { EgressExceptions } from './egress-exceptions.ts';
import { hostOf, readUrl } from './egress-guard.ts';
import type { CallDescription, Kind, Takes, TargetFault } from './kind.ts';
import type { McpContextConfig } from './kinds/mcp/config.ts';
import { servesResource } from './kinds/mcp/context.ts';
import { openapiHandlerConfig } from './kinds/openapi/kind.ts';
import { KINDS } from './kinds.ts';
import type { Form, ToolRoute } from './outcome.ts';
import { parsedBy } from './parsed.ts';

export { matchesTemplate } from './kinds/mcp/uri-template.ts';

/** What may be asked of the kinds without sending anything. */

export { revokesWhereTokensAreGiven } from './authorization.ts';

/**
 * A host that a secret is bound to, in the one form it is kept and compared in: without a port it is reached by https on
 * port 443. Null for what is no host.
 */
export function boundHost(text: string): string | null {
  const read = readUrl(`https://${text.toLowerCase()}`);
  return read.ok && read.rest === '' ? hostOf(read) : null;
}

/** What an imported operation sends, and where its arguments go. */
export const openapiHandlerSchema = openapiHandlerConfig;

/** The names of all kinds. */
export const KIND_NAMES: readonly [string, ...string[]] = Object.keys(KINDS) as [string, ...string[]];

function kindOf(name: string): Kind | undefined {
  return Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
}

/** A tool's kind with its config, or undefined where the config is not acceptable. */
function toolOf(name: string, config: unknown): { readonly kind: Kind; readonly handler: object } | undefined {
  const kind = kindOf(name);
  const handler = kind && parsedBy(kind.handlerConfig, config);
  return kind && handler && { kind, handler };
}

/** The schema of a connector's `config`, or undefined for a kind that this version does not have. */
export function connectorSchema(kind: string): z.ZodType<object> | undefined {
  return kindOf(kind)?.connectorConfig;
}

/** The schema of a tool's `handler_config`, or undefined for a kind that this version does not have. */
export function handlerSchema(kind: string): z.ZodType<object> | undefined {
  return kindOf(kind)?.handlerConfig;
}

/** What the results of tools of this kind are beside being JSON. */
export function formOfKind(handlerKind: string): Form | undefined {
  return kindOf(handlerKind)?.form;
}

/** Whether tools of this kind come from an import and are not written by hand. */
export function isImported(handlerKind: string): boolean {
  return kindOf(handlerKind)?.isImported ?? false;
}

/** Whether tools of this kind are what an MCP server has beside its tools: see `gateway/passing`. */
export function isContext(handlerKind: string): boolean {
  return handlerKind === 'mcp_context';
}

/** Whether a tool of a server's resources serves this URI, by itself or by a template. */
export function servedBy(handlerKind: string, handlerConfig: unknown, uri: string): boolean {
  const tool = isContext(handlerKind) ? toolOf(handlerKind, handlerConfig) : undefined;
  const config = tool?.handler as McpContextConfig | undefined;
  return config?.serves === 'resources' && servesResource(config, uri);
}

/** Whether tools of this kind go nowhere without a connector. */
export function needsConnector(handlerKind: string): boolean {
  return kindOf(handlerKind)?.connectors.required ?? true;
}

/** Why a tool of this kind cannot go through that connector, as a sentence to show beside the field; null if it can. */
export function connectorMisfit(handlerKind: string, connectorKind: string | null): string | null {
  const { kinds, required } = kindOf(handlerKind)?.connectors ?? { kinds: [], required: true };
  if (connectorKind === null ? !required : kinds.includes(connectorKind)) return null;
  return required
    ? `a tool with the handler ${handlerKind} needs a connector of the kind ${kinds.join(' or ')}`
    : `a tool with the handler ${handlerKind} takes no connector of the kind ${connectorKind}; leave the connector out`;
}

/**
 * Why the configs of a tool and of the connector that it goes through do not fit each other, and in which member of the
 * tool's config that stands; null where they do.
 */
export function configClash(
  handlerKind: string,
  handlerConfig: unknown,
  connector: { readonly kind: string; readonly config: unknown },
): { readonly member: string; readonly message: string } | null {
  const tool = toolOf(handlerKind, handlerConfig);
  const through = connectorOf(connector);
  return (tool && through && tool.kind.clash?.(tool.handler, through)) ?? null;
}

/** Which of the caller's headers that repeat arguments does not say what those do; undefined where all do. */
export function disagreeingHeader(
  handlerKind: string,
  handlerConfig: unknown,
  args: unknown,
  headers: ReadonlyMap<string, string>,
): string | undefined {
  const tool = toolOf(handlerKind, handlerConfig);
  return tool?.kind.disagreeing?.(tool.handler, args, headers);
}

/** Which arguments a tool has a place for; undefined if its config is not acceptable. */
export function takesOf(handlerKind: string, handlerConfig: unknown): Takes | undefined {
  const tool = toolOf(handlerKind, handlerConfig);
  return tool?.kind.takes(tool.handler);
}

/**
 * Why a workspace may not reach where a connector leads, by its name and address as they are written; null if it may.
 * Where a name leads is asked at every call.
 */
export function refuseTarget(
  kindName: string,
  config: unknown,
  tenantId: string,
  exceptions: EgressExceptions,
): TargetFault | null {
  const connector = connectorOf({ kind: kindName, config });
  if (connector === undefined) return null;
  const provider = authorizationIn(connector);
  return (
    kindOf(kindName)?.refuseTarget(connector, tenantId, exceptions) ??
    (provider === undefined ? null : refuseProvider(provider, tenantId, exceptions))
  );
}

/** How calls through a connector are authorized at a provider, and where that provider gives tokens; null where they are not. */
export function authorizationOf(
  kindName: string,
  config: unknown,
): { readonly authorization: AuthorizationConfig; readonly tokenHost: string } | null {
  const given = authorizationIn(connectorOf({ kind: kindName, config }) ?? null);
  return given === undefined ? null : { authorization: given, tokenHost: tokenHostOf(given) };
}

/** The host that secrets of calls through a connector go to; null where it leads nowhere. */
export function hostOfConnector(kindName: string, config: unknown): string | null {
  const connector = connectorOf({ kind: kindName, config });
  return (connector && kindOf(kindName)?.hostOf(connector)) ?? null;
}

/** Where a connector leads, in a few words; empty where nothing can be said. */
export function describeConnector(kindName: string, config: unknown): string {
  const connector = connectorOf({ kind: kindName, config });
  return (connector && kindOf(kindName)?.describeConnector(connector)) ?? '';
}

/** What a call of this tool does, for people; undefined if its configs are not acceptable. */
export function describeCall(
  { handlerKind, handlerConfig, connector }: ToolRoute,
  args?: Readonly<Record<string, unknown>>,
): CallDescription | undefined {
  const tool = toolOf(handlerKind, handlerConfig);
  const through = connector === null ? null : connectorOf(connector);
  return through === undefined ? undefined : tool?.kind.describe(tool.handler, through, args);
}

function connectorOf({ kind: name, config }: { readonly kind: string; readonly config: unknown }): object | undefined {
  const kind = kindOf(name);
  return kind && parsedBy(kind.connectorConfig, config);
}
