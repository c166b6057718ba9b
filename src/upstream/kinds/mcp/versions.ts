import { VERSION } from '../../../version.ts';
import type { InputKind, JsonText } from '../../outcome.ts';
import { capabilitiesText } from './input.ts';
import { isObject } from './messages.ts';
import type { ServerInfo } from './peer.ts';

/** The revision whose requests stand for themselves, and the one that begins with a handshake. */
export const MODERN = '2026-07-28';
export const LEGACY = '2025-11-25';
/** What a server may answer to the handshake: what we use of the protocol is the same in all of them. */
const LEGACY_SPOKEN: ReadonlySet<string> = new Set([LEGACY, '2025-06-18', '2025-03-26', '2024-11-05']);

const CLIENT = { name: 'countersign', title: 'Countersign', version: VERSION };
const KEY = 'io.modelcontextprotocol';

/** What each request of the modern revision says of itself, up to what its client can do. */
const MODERN_META = JSON.stringify({ [`${KEY}/protocolVersion`]: MODERN, [`${KEY}/clientInfo`]: CLIENT }).slice(1, -1);

/** The `_meta` of a request: who asks, and by which token it is told of progress; undefined where there is nothing to say. */
export function metaText(
  isModern: boolean,
  progressToken?: number,
  kinds: readonly InputKind[] = [],
): JsonText | undefined {
  const own = isModern ? `${MODERN_META},"${KEY}/clientCapabilities":${capabilitiesText(kinds)}` : '';
  if (progressToken === undefined) return isModern ? `{${own}}` : undefined;
  return `{${own}${isModern ? ',' : ''}"progressToken":${progressToken}}`;
}

/** The params of the handshake. What is declared here some callers may not be able to do: those decline. */
export function initializing(relays: readonly InputKind[]): Readonly<Record<string, JsonText>> {
  return {
    protocolVersion: JSON.stringify(LEGACY),
    capabilities: capabilitiesText(relays),
    clientInfo: JSON.stringify(CLIENT),
  };
}

/** The params of a request as JSON text, with its `_meta`. */
export function paramsText(params: Readonly<Record<string, JsonText>>, meta: JsonText | undefined): JsonText {
  const members = Object.entries(params).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  if (meta !== undefined) members.push(`"_meta":${meta}`);
  return `{${members.join(',')}}`;
}

/** What the answer to `server/discover` says; undefined for one that is none of this revision. */
export function discovered(value: unknown): ServerInfo | undefined {
  if (!isObject(value) || !Array.isArray(value.supportedVersions)) return undefined;
  if (!value.supportedVersions.includes(MODERN)) return undefined;
  const meta = isObject(value._meta) ? value._meta : {};
  return infoOf(meta[`${KEY}/serverInfo`] ?? value.serverInfo, MODERN, value.capabilities);
}

/** What the answer to `initialize` says; undefined for a revision that is not spoken here. */
export function initialized(value: unknown): ServerInfo | undefined {
  if (!isObject(value) || typeof value.protocolVersion !== 'string') return undefined;
  if (!LEGACY_SPOKEN.has(value.protocolVersion)) return undefined;
  return infoOf(value.serverInfo, value.protocolVersion, value.capabilities);
}

function infoOf(server: unknown, protocol: string, capabilities: unknown): ServerInfo {
  const said = isObject(server) ? server : {};
  const has = isObject(capabilities) ? capabilities : {};
  const offers = { tools: false, prompts: false, resources: false, completions: false };
  for (const kind of Object.keys(offers) as (keyof typeof offers)[]) offers[kind] = isObject(has[kind]);
  const tellsChanges = isObject(has.tools) && has.tools.listChanged === true;
  const tellsUpdates = isObject(has.resources) && has.resources.subscribe === true;
  return { name: nameOf(said.name), version: nameOf(said.version), protocol, tellsChanges, tellsUpdates, offers };
}

function nameOf(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, 200) : '';
}
