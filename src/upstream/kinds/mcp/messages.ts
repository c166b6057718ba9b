import { readJson } from '../../../kernel/json-text.ts';
import type { JsonText } from '../../outcome.ts';

/** One message of JSON-RPC 2.0, as far as it matters here. `result` is its text as it came. */
export type Message =
  | { readonly kind: 'result'; readonly id: number; readonly result: JsonText; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number | null; readonly error: RpcError }
  | { readonly kind: 'notice'; readonly method: string; readonly params: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'asked';
      readonly id: string | number;
      readonly method: string;
      readonly params: Readonly<Record<string, unknown>>;
    };

export type RpcError = { readonly code: number; readonly message: string; readonly data?: unknown };

const MAX_DEPTH = 64;
const MESSAGE_MAX = 500;
/** An id of a server's own is sent back to it: a longer one is none. */
const ASKED_ID_MAX = 256;

/**
 * Reads one message, or undefined for what is none: no JSON, nested deeper than results may be, of another shape, or with
 * an id that nobody here gives out.
 */
export function readMessage(text: string): Message | undefined {
  let value: unknown;
  try {
    value = readJson(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.jsonrpc !== '2.0' || !isShallow(value, MAX_DEPTH)) return undefined;
  const { id, method } = value;
  if (typeof method === 'string') {
    const params = isObject(value.params) ? value.params : {};
    if (id === undefined) return { kind: 'notice', method, params };
    const isId = typeof id === 'number' || (typeof id === 'string' && id.length <= ASKED_ID_MAX);
    return isId ? { kind: 'asked', id, method, params } : undefined;
  }
  if (Object.hasOwn(value, 'error')) {
    const error = errorOf(value.error);
    if (error === undefined) return undefined;
    return typeof id === 'number' || id === null || id === undefined
      ? { kind: 'error', id: id ?? null, error }
      : undefined;
  }
  if (typeof id !== 'number' || !Object.hasOwn(value, 'result')) return undefined;
  const result = memberText(text, 'result');
  return result === undefined ? undefined : { kind: 'result', id, result, value: value.result };
}

function errorOf(error: unknown): RpcError | undefined {
  if (!isObject(error) || typeof error.code !== 'number') return undefined;
  const message = typeof error.message === 'string' ? error.message.slice(0, MESSAGE_MAX) : '';
  return { code: error.code, message, ...(error.data !== undefined && { data: error.data }) };
}

/** A request or, without an id, a notification, as one line of text. `params` is JSON text. */
export function writeMessage(method: string, params: JsonText | undefined, id?: number): string {
  const about = id === undefined ? '' : `,"id":${id}`;
  return `{"jsonrpc":"2.0"${about},"method":${JSON.stringify(method)}${params === undefined ? '' : `,"params":${params}`}}`;
}

/**
 * The answer to what the server asks of us: what the caller says, where that may be asked; else it may see that we are
 * there, and nothing else.
 */
export function writeAnswer(id: string | number, method: string, answer?: JsonText): string {
  if (answer !== undefined) return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${answer}}`;
  const told = method === 'ping' ? { result: {} } : { error: { code: -32601, message: 'Not offered by this client.' } };
  return JSON.stringify({ jsonrpc: '2.0', id, ...told });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** False for values deeper than the envelope allows: reading them could overflow somebody's stack. */
export function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const item of Object.values(value)) if (!isShallow(item, depth - 1)) return false;
  return true;
}

/** Strings whole, brackets, or white space: what is left is read a character at a time. */
const STRING = /"(?:[^"\\]|\\.)*"/y;

/**
 * The text of a member of the object that a valid JSON text is, exactly as it stands there: numbers beyond 2^53, `1.0`
 * and the order of members stay what they are. Undefined if the text has that member twice, or not by that plain name.
 */
export function memberText(text: string, name: string): JsonText | undefined {
  let found: JsonText | undefined;
  let at = text.indexOf('{') + 1;
  for (;;) {
    at = afterSpace(text, at);
    if (text[at] !== '"') return found;
    const key = stringAt(text, at);
    at = afterSpace(text, at + key.length) + 1;
    at = afterSpace(text, at);
    const end = afterValue(text, at);
    if (key === `"${name}"`) {
      if (found !== undefined) return undefined;
      found = text.slice(at, end);
    } else if (key.includes('\\')) return undefined;
    at = afterSpace(text, end);
    if (text[at] !== ',') return found;
    at += 1;
  }
}

function stringAt(text: string, at: number): string {
  STRING.lastIndex = at;
  return STRING.exec(text)![0];
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

/** Where a value ends: behind its closing bracket, or in front of what separates it. */
function afterValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      at += stringAt(text, at).length - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (
      depth === 0 &&
      (character === ',' || character === ' ' || character === '\n' || character === '\r' || character === '\t')
    )
      return at;
  }
  return at;
}
