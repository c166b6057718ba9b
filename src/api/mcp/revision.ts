import type { IncomingHttpHeaders } from 'node:http';
import { textOfHeader } from '../../kernel/header-text.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../kernel/strict-json.ts';
import type { InputKind } from '../../upstream/outcome.ts';
import { type Fault, fault, RPC, type RpcNotification, type RpcRequest } from './message.ts';
import { type Session, sessionOf } from './session.ts';

/** The revision in which every request says for itself what it is and what its client can do. */
export const STATELESS = '2026-07-28';
/** Revisions that begin with `initialize`, newest first. What differs between them does not show here. */
export const HANDSHAKE = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

const META = 'io.modelcontextprotocol/';
export const TASKS = 'io.modelcontextprotocol/tasks';

/** What a client says that it can do, as far as it matters to an answer. */
export type ClientAbilities = {
  /** It knows tasks: a call that waits may be answered with one. */
  readonly tasks: boolean;
  /** It can show its person a page. */
  readonly url: boolean;
  /** What it can be asked for in the middle of a call. */
  readonly inputs: readonly InputKind[];
};

/** Which rules a message follows. */
export type Revision =
  | { readonly stateless: true; readonly abilities: ClientAbilities }
  | { readonly stateless: false; readonly abilities: ClientAbilities; readonly session: Session | undefined };

const INPUT_KINDS: readonly InputKind[] = ['sampling', 'elicitation', 'roots'];
const NONE: ClientAbilities = { tasks: false, url: false, inputs: [] };

/** What stands in the body of these requests must stand in `Mcp-Name`, too. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/**
 * The revision of a message, or what is wrong with how it says so. The body decides; headers must agree with it, because
 * what stands in between routes by them.
 */
export function revisionOf(message: RpcRequest | RpcNotification, headers: IncomingHttpHeaders): Revision | Fault {
  const version = header(headers, 'mcp-protocol-version');
  const claimed = message.meta[`${META}protocolVersion`];
  const isHandshake = message.method === 'initialize' && (claimed === undefined || !isStatelessDate(claimed));
  if (claimed !== undefined && !isHandshake) return stateless(message, headers, version, claimed);
  if (version !== undefined && isStatelessDate(version)) {
    if (isHandshake) return mismatch(`initialize is not a method of ${version}`);
    if (message.kind === 'notification') return { stateless: true, abilities: NONE };
    const missing = missingMembers(message);
    return fault(RPC.invalidParams, `${version} needs ${missing.join(' and ')} in params._meta.`, 400, { missing });
  }
  if (!isHandshake && version !== undefined && !(HANDSHAKE as readonly string[]).includes(version)) {
    return fault(
      RPC.transport,
      `Unsupported protocol version: ${printable(version)}. Supported: ${supported().join(', ')}.`,
    );
  }
  const session = sessionOf(headers['mcp-session-id']);
  if (session === 'unknown') return fault(RPC.transport, 'There is no such session. Initialize again.', 404);
  if (session === undefined) return { stateless: false, abilities: NONE, session };
  const { url, inputs } = session;
  return { stateless: false, abilities: { tasks: false, url, inputs }, session };
}

/** Every revision that is spoken here. */
export function supported(): string[] {
  return [STATELESS, ...HANDSHAKE];
}

function stateless(
  message: RpcRequest | RpcNotification,
  headers: IncomingHttpHeaders,
  version: string | undefined,
  claimed: JsonValue,
): Revision | Fault {
  const { meta, method, kind } = message;
  const said = meta[`${META}clientCapabilities`];
  if (typeof claimed !== 'string') return badMeta('protocolVersion', 'must be a string');
  if (kind === 'request' && !isJsonObject(said)) return badMeta('clientCapabilities', 'must be an object');
  const info = meta[`${META}clientInfo`];
  if (
    info !== undefined &&
    !(isJsonObject(info) && typeof info.name === 'string' && typeof info.version === 'string')
  ) {
    return badMeta('clientInfo', 'must be an object with a name and a version');
  }
  if (version !== undefined && version !== claimed)
    return mismatch(`MCP-Protocol-Version does not name the version of the body, ${printable(claimed)}`);
  const methodHeader = header(headers, 'mcp-method');
  if (methodHeader !== undefined && methodHeader !== method)
    return mismatch(`Mcp-Method does not name the method of the body, ${printable(method)}`);
  if (claimed !== STATELESS) {
    const data = { supported: [STATELESS], requested: claimed };
    return fault(RPC.unsupportedVersion, `Unsupported protocol version: ${printable(claimed)}`, 400, data);
  }
  if (kind === 'notification') return { stateless: true, abilities: NONE };
  if (version === undefined) return mismatch('the header MCP-Protocol-Version is missing');
  if (methodHeader === undefined) return mismatch('the header Mcp-Method is missing');
  return misnamed(message, headers) ?? { stateless: true, abilities: abilitiesOf(said as JsonObject) };
}

function abilitiesOf(capabilities: JsonObject): ClientAbilities {
  const { elicitation, extensions } = capabilities;
  // A client that says nothing of modes knows the first one alone, which is forms.
  const hasForms = isJsonObject(elicitation) && (isJsonObject(elicitation.form) || !('url' in elicitation));
  return {
    url: isJsonObject(elicitation) && isJsonObject(elicitation.url),
    tasks: isJsonObject(extensions) && TASKS in extensions,
    inputs: INPUT_KINDS.filter((kind) => (kind === 'elicitation' ? hasForms : isJsonObject(capabilities[kind]))),
  };
}

/** What the client of a handshake says that it can do. */
export function declaredAbilities(capabilities: JsonValue | undefined): ClientAbilities {
  return isJsonObject(capabilities) ? abilitiesOf(capabilities) : NONE;
}

function misnamed({ method, params }: RpcRequest | RpcNotification, headers: IncomingHttpHeaders): Fault | undefined {
  const member = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method]! : undefined;
  if (member === undefined || typeof params[member] !== 'string') return undefined;
  const raw = header(headers, 'mcp-name');
  if (raw === undefined) return mismatch('the header Mcp-Name is missing');
  return textOfHeader(raw) === params[member] ? undefined : mismatch(`Mcp-Name is not what params.${member} says`);
}

function missingMembers({ meta }: RpcRequest | RpcNotification): string[] {
  return ['protocolVersion', 'clientCapabilities'].map((name) => `${META}${name}`).filter((name) => !(name in meta));
}

function badMeta(name: string, problem: string): Fault {
  return fault(RPC.invalidParams, `params._meta["${META}${name}"] ${problem}.`, 400, { missing: [`${META}${name}`] });
}

function mismatch(what: string): Fault {
  return fault(RPC.headerMismatch, `Headers and body disagree: ${what}.`);
}

/** Revisions are dates; whatever is no date is of no era, and unknown. */
function isStatelessDate(version: JsonValue): boolean {
  return typeof version === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= STATELESS;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.replace(/^[ \t]+|[ \t]+$/g, '') : undefined;
}

/** Something of the request as it may stand in a sentence. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64);
}
