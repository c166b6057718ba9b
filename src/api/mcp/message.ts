import type { JsonObject, JsonValue } from '../../kernel/strict-json.ts';
import { isJsonObject } from '../../kernel/strict-json.ts';
import type { WireValue } from '../../kernel/wire-object.ts';

/** JSON-RPC 2.0 as MCP speaks it, and what can be wrong with it. */

export type RequestId = string | number;

/** The codes of protocol faults: JSON-RPC's own, then MCP's (schema of 2026-07-28). */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** What came over HTTP and is no MCP, with nothing more exact to say of it. */
  transport: -32000,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** A protocol fault as a value: what was sent is not what MCP says. Refusals of calls are results, not faults. */
export type Fault = {
  readonly kind: 'fault';
  readonly code: number;
  readonly message: string;
  readonly data?: object;
  /** The HTTP status, while nothing has been said yet; 200 where the fault is an answer like any other. */
  readonly status: number;
};

export function fault(code: number, message: string, status = 400, data?: object): Fault {
  return { kind: 'fault', code, message, status, ...(data && { data }) };
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && (value as Partial<Fault>).kind === 'fault';
}

export type RpcRequest = {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  /** The canonical bytes of a member of the params. */
  canonicalParam?(name: string): Uint8Array | undefined;
} & Params;
export type RpcNotification = { readonly kind: 'notification'; readonly method: string } & Params;
/** What a client says to something that it was asked while a call of its own waited. */
export type RpcResponse = {
  readonly kind: 'response';
  readonly id: RequestId;
  readonly result: JsonObject | undefined;
};
type Params = { readonly params: JsonObject; readonly meta: JsonObject };

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;

const NOTHING: JsonObject = Object.freeze({});

type Canonical = Extract<WireValue, { ok: true }>['canonical'];

/** The message in a body that was read strictly. A batch is none: neither revision has them. */
export function readMessage(value: JsonValue, canonical?: Canonical): RpcMessage | Fault {
  if (Array.isArray(value)) return fault(RPC.invalidRequest, 'Send one message in each request: there are no batches.');
  if (!isJsonObject(value) || value.jsonrpc !== '2.0')
    return fault(RPC.invalidRequest, 'Send a JSON-RPC 2.0 message: an object with "jsonrpc": "2.0".');
  const { id, method, params = NOTHING } = value;
  if (id !== undefined && !isRequestId(id)) return fault(RPC.invalidRequest, 'id must be a string or a whole number.');
  if (method === undefined && id !== undefined && ('result' in value || 'error' in value)) {
    return { kind: 'response', id, result: isJsonObject(value.result) ? value.result : undefined };
  }
  if (typeof method !== 'string') return fault(RPC.invalidRequest, 'method must be the name of a method.');
  if (!isJsonObject(params)) return fault(RPC.invalidRequest, 'params must be an object.');
  const { _meta: meta = NOTHING } = params;
  if (!isJsonObject(meta)) return fault(RPC.invalidParams, 'params._meta must be an object.');
  if (id === undefined) return { kind: 'notification', method, params, meta };
  const canonicalParam = canonical && ((name: string) => canonical('params', name));
  return { kind: 'request', id, method, params, meta, ...(canonicalParam && { canonicalParam }) };
}

/** The id to give back with a fault of the whole message; null where there is none to be read. */
export function idOf(value: JsonValue): RequestId | null {
  const id = isJsonObject(value) && typeof value.method === 'string' ? value.id : undefined;
  return isRequestId(id) ? id : null;
}

function isRequestId(id: JsonValue | undefined): id is RequestId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id));
}
