import { plainText } from '../../../kernel/plain-text.ts';
import type { InputKind, InputRequest, JsonText } from '../../outcome.ts';
import { isObject } from './messages.ts';

/** What a server may ask for instead of answering (`input_required`), or while it works: in both revisions the same three. */
const KIND_OF: Readonly<Record<string, InputKind>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** The requests whose answer may be that something is asked for. */
const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

const REQUESTS_MAX = 16;
const KEY_MAX = 256;
/** Of one answer that asks. What comes back is bounded by the caller's own requests. */
const ASKED_MAX = 256 * 1024;

/** An answer that asks for something first. */
export type Wanted = {
  readonly requests: ReadonlyMap<string, InputRequest>;
  /** The server's own, given back to it as it came. */
  readonly state: string | undefined;
};

/** Whether a request may be answered by asking for something. */
export function mayAsk(method: string): boolean {
  return MAY_ASK.has(method);
}

/**
 * What a result asks for; undefined where it is an answer, or asks in a way that cannot be passed on. A server's own pages
 * (elicitation in the mode `url`) are not shown to anybody in the gate's name.
 */
export function wantedOf(result: unknown, text: JsonText): Wanted | undefined {
  if (!isObject(result) || result.resultType !== 'input_required' || text.length > ASKED_MAX) return undefined;
  const { inputRequests = {}, requestState: state } = result;
  if (!isObject(inputRequests) || (state !== undefined && typeof state !== 'string')) return undefined;
  const entries = Object.entries(inputRequests);
  if (entries.length === 0 || entries.length > REQUESTS_MAX) return undefined;
  const requests = new Map<string, InputRequest>();
  for (const [key, asked] of entries) {
    if (!isObject(asked) || typeof asked.method !== 'string' || key.length > KEY_MAX) return undefined;
    requests.set(key, { method: asked.method, params: isObject(asked.params) ? asked.params : {} });
  }
  return { requests, state };
}

/** What the caller must be able to do to answer; undefined for what is passed on to nobody. */
export function kindOf({ method, params }: InputRequest): InputKind | undefined {
  const kind = Object.hasOwn(KIND_OF, method) ? KIND_OF[method] : undefined;
  if (kind === 'elicitation' && params.mode !== undefined && params.mode !== 'form') return undefined;
  return kind;
}

/** What is passed on of each: nothing that gives a server more than was agreed to, such as the client's context or tools. */
const PASSED_ON: Readonly<Record<InputKind, readonly string[]>> = {
  sampling: ['messages', 'modelPreferences', 'systemPrompt', 'temperature', 'maxTokens', 'stopSequences'],
  elicitation: ['mode', 'message', 'requestedSchema'],
  roots: [],
};
const MESSAGE_MAX = 8_000;

/** What is asked as the caller is given it. People are told which server asks, and see all that a form's texts say. */
export function passedOn({ method, params }: InputRequest, tool: string): InputRequest {
  const kind = kindOf({ method, params });
  const names = kind === undefined ? [] : PASSED_ON[kind].filter((name) => params[name] !== undefined);
  const known = Object.fromEntries(names.map((name) => [name, params[name]]));
  if (kind !== 'elicitation') return { method, params: known };
  const message = `The server of ${tool} asks, not Countersign: ${plainText(known.message, MESSAGE_MAX)}`;
  return { method, params: { ...known, message, requestedSchema: withPlainTexts(known.requestedSchema) } };
}

const TEXTS: ReadonlySet<string> = new Set(['title', 'description']);

/** A form with what is shown of it as people can see it. What can be chosen stays what it is. */
function withPlainTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainTexts);
  if (!isObject(value)) return value;
  const shown = (name: string, item: unknown): unknown => {
    if (TEXTS.has(name) && typeof item === 'string') return plainText(item);
    if (name === 'enumNames' && Array.isArray(item)) return item.map((one) => plainText(one));
    return withPlainTexts(item);
  };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(name, item)]));
}

const DECLARED: Readonly<Record<InputKind, JsonText>> = {
  sampling: '"sampling":{}',
  elicitation: '"elicitation":{"form":{}}',
  roots: '"roots":{}',
};

/** What is declared to a server, as the text of the member `capabilities`. */
export function capabilitiesText(kinds: readonly InputKind[]): JsonText {
  return `{${kinds.map((kind) => DECLARED[kind]).join(',')}}`;
}
