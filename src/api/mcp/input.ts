import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readJson } from '../../kernel/json-text.ts';
import { isJsonObject, type JsonObject } from '../../kernel/strict-json.ts';
import type { CallerInput, InputRequest, JsonText } from '../../upstream/outcome.ts';
import { expectAnswer } from './asked.ts';
import { type Fault, fault, RPC } from './message.ts';
import type { McpRequest } from './request.ts';
import { incomplete } from './results.ts';

/**
 * What an upstream asks of a client in the middle of its call: its model, its person, its folders. In the stateless revision
 * the call is answered with what is asked, and the client makes it again with what it says; in those before, it is asked on
 * the stream of the call.
 */

const ANSWERS_MAX = 16;
const ANSWER_MAX = 256 * 1024;
const STATE_MAX = 64 * 1024;

/** How the client of one call can be asked; call `end` when the call is over. */
export type ClientInput = { readonly input?: CallerInput; end(): void };
const NOBODY: ClientInput = { end: () => {} };

/** How the client of a request can be asked. `about` is what the request does, to which an upstream's state is bound. */
export function clientInput(request: McpRequest, about: () => string): ClientInput | Fault {
  const { revision, exchange } = request;
  const { inputs: offers } = revision.abilities;
  if (revision.stateless) {
    const given = givenIn(request, about);
    if (given !== undefined && 'kind' in given) return given;
    if (offers.length === 0) return NOBODY;
    return { input: { offers, returns: true, given }, end: () => {} };
  }
  if (offers.length === 0 || !exchange.takesEvents) return NOBODY;
  const open = new Set<() => void>();
  return {
    input: { offers, returns: false, ask: (asked) => askClient(request, asked, open) },
    end: () => {
      for (const end of open) end();
    },
  };
}

/** What the client was asked for, and says now; a fault where that is not as it was asked for. */
function givenIn(request: McpRequest, about: () => string): CallerInput['given'] | Fault {
  const { inputResponses, requestState } = request.params;
  if (inputResponses === undefined && requestState === undefined) return undefined;
  if (inputResponses !== undefined && !isAnswers(inputResponses)) {
    return bad(`inputResponses must be an object with at most ${ANSWERS_MAX} members, each an object`);
  }
  const answers = inputResponses === undefined ? undefined : JSON.stringify(inputResponses);
  if (answers !== undefined && answers.length > ANSWER_MAX) {
    return bad(`inputResponses may have ${ANSWER_MAX} characters at most`);
  }
  if (requestState === undefined) return { answers, state: undefined };
  const state = typeof requestState === 'string' ? openState(request, about(), requestState) : undefined;
  return state === undefined ? bad('requestState is none that this call was answered with') : { answers, state };
}

function isAnswers(value: unknown): value is JsonObject {
  if (!isJsonObject(value as JsonObject)) return false;
  const all = Object.values(value as JsonObject);
  return all.length <= ANSWERS_MAX && all.every((one) => isJsonObject(one));
}

function bad(what: string): Fault {
  return fault(RPC.invalidParams, `params.${what}.`, 200);
}

/** The answer of a call whose upstream asks for something; undefined where it does not. */
export function askingResult(request: McpRequest, about: () => string, result: JsonText): JsonText | undefined {
  if (!request.revision.stateless || !result.includes('input_required')) return undefined;
  const value = readJson(result);
  if (!isJsonObject(value) || value.resultType !== 'input_required') return undefined;
  const { inputRequests, requestState: state } = value;
  const sealed = typeof state === 'string' ? { requestState: sealState(request, about(), state) } : {};
  return incomplete('input_required', { inputRequests, ...sealed });
}

/** Asks the client on the stream of its call; undefined where it says nothing that can be passed on. */
function askClient(
  { exchange, credential, gone }: McpRequest,
  { method, params }: InputRequest,
  open: Set<() => void>,
): Promise<JsonText | undefined> {
  return new Promise((resolve) => {
    const id = `ask-${randomUUID()}`;
    const hangsUp = gone();
    const answer = (text: JsonText | undefined): void => {
      forget();
      hangsUp.removeEventListener('abort', end);
      open.delete(end);
      resolve(text);
    };
    const end = (): void => answer(undefined);
    const forget = expectAnswer(id, credential, ({ result }) => {
      const text = result === undefined ? undefined : JSON.stringify(result);
      answer(text === undefined || text.length > ANSWER_MAX ? undefined : text);
    });
    if (open.size >= ANSWERS_MAX || hangsUp.aborted) return end();
    open.add(end);
    hangsUp.addEventListener('abort', end);
    exchange.ask(id, method, params);
  });
}

const SEALED = /^in1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]*)$/;

/** An upstream's state as it may be with a client: nobody else's, of no other call, and not to be changed. */
function sealState(request: McpRequest, about: string, state: string): string {
  const text = Buffer.from(state).toString('base64url');
  return `in1.${macOf(request, about, text)}.${text}`;
}

function openState(request: McpRequest, about: string, sealed: string): string | undefined {
  const [, mac, text] = (sealed.length <= STATE_MAX * 2 && SEALED.exec(sealed)) || [];
  if (mac === undefined || text === undefined) return undefined;
  const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(request, about, text)));
  return isOurs ? Buffer.from(text, 'base64url').toString() : undefined;
}

function macOf({ app, credential }: McpRequest, about: string, text: string): string {
  const of = JSON.stringify(['mcp request state', credential.sha256, about, text]);
  return createHmac('sha256', app.stateKey).update(of).digest('base64url');
}
