import {
  failed,
  type InputAnswer,
  type InputKind,
  type InputRequest,
  type JsonText,
  type Relay,
  type UpstreamOutcome,
} from '../../outcome.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import { kindOf, mayAsk, passedOn, type Wanted, wantedOf } from './input.ts';
import { isObject } from './messages.ts';
import type { Asked, PeerReply } from './peer.ts';

/** How often one call may be answered by asking for something. */
const ROUNDS_MAX = 8;
/** How often one call may ask while it runs. */
const ASKS_MAX = 32;

/** A request that is made as often as its answer asks for something that the caller gives. */
export type Rounds = {
  readonly asked: Asked | undefined;
  /** `send` makes the request with more params, for the nth time; nobody is waited for beyond `until`, by the process's clock. */
  run(send: Send, until: number): Promise<PeerReply>;
};
type Send = (more: Readonly<Record<string, JsonText>>, round: number) => Promise<PeerReply>;

/** A request whose caller can be asked for nothing. */
const NONE: Rounds = { asked: undefined, run: (send) => send({}, 1) };

/**
 * What a server may ask in the middle of one request: what its connector lets through and the caller can do, and nothing
 * else. What the caller says is written down before the server is given it.
 */
export function roundsOf(
  method: string,
  relay: Relay | undefined,
  relayed: readonly InputKind[],
  secrets: UsedSecrets | undefined,
): Rounds {
  const kinds = relay === undefined || !mayAsk(method) ? [] : relayed.filter((kind) => relay.offers.includes(kind));
  if (relay === undefined || kinds.length === 0) return NONE;
  const isOpen = (request: InputRequest): boolean => {
    const kind = kindOf(request);
    return kind !== undefined && kinds.includes(kind);
  };
  const answerOf = async (request: InputRequest): Promise<JsonText | undefined> => {
    if (relay.ask === undefined || !isOpen(request)) return undefined;
    const asked = passedOn(request, relay.tool);
    return relay.ask(secrets === undefined ? asked : await scrubbed(asked, secrets));
  };
  let asks = 0;
  const ask = async (request: InputRequest): Promise<JsonText | undefined> => {
    asks += 1;
    const answer = asks <= ASKS_MAX ? await answerOf(request) : undefined;
    if (answer === undefined) return undefined;
    return (await relay.record([{ method: request.method, answer }])) ? answer : undefined;
  };
  return {
    asked: { kinds, ...(relay.ask !== undefined && { ask }) },
    async run(send, until) {
      let more: Readonly<Record<string, JsonText>> = {};
      if (relay.given !== undefined) {
        const { answers, state } = relay.given;
        if (answers !== undefined && !(await relay.record([{ method: 'input_responses', answer: answers }])))
          return LOST;
        more = textsOf(answers, state);
      }
      for (let round = 1; ; round += 1) {
        const reply = sentBefore(round, await send(more, round));
        const wanted = reply.kind === 'result' ? wantedOf(reply.value, reply.result) : undefined;
        if (reply.kind !== 'result' || wanted === undefined || ![...wanted.requests.values()].every(isOpen))
          return reply;
        if (relay.returns) return handedOn(wanted, relay.tool);
        const given = round < ROUNDS_MAX ? await inTime(answersTo(wanted, answerOf), until) : undefined;
        if (given === undefined) return reply;
        if (!(await relay.record(given.map(({ method: of, answer }) => ({ method: of, answer })))))
          return sentBefore(round + 1, LOST);
        const members = given.map(({ key, answer }) => `${JSON.stringify(key)}:${answer}`);
        more = textsOf(`{${members.join(',')}}`, wanted.state);
      }
    },
  };
}

/** What was asked as the result of the call: its client makes it again. */
function handedOn({ requests, state }: Wanted, tool: string): PeerReply {
  const inputRequests = Object.fromEntries([...requests].map(([key, request]) => [key, passedOn(request, tool)]));
  const value = { resultType: 'input_required', inputRequests, ...(state !== undefined && { requestState: state }) };
  return { kind: 'result', result: JSON.stringify(value), value, wants: 'input' };
}

/** From its second round on the server has had the call: what cannot be sent then leaves it open what became of that. */
function sentBefore(round: number, reply: PeerReply): PeerReply {
  if (round === 1 || reply.kind !== 'not_sent') return reply;
  return {
    kind: 'cut',
    reason: `The server had the call and asked for something, which it was not given. ${whyNot(reply.outcome)}`,
  };
}

function whyNot(outcome: UpstreamOutcome): string {
  if (outcome.kind === 'failed') return outcome.message;
  return outcome.kind === 'refused' ? outcome.detail : '';
}

type Given = InputAnswer & { readonly key: string };

/** What the caller says to all that is asked, in turn; undefined where it does not answer one of them. */
async function answersTo(
  { requests }: Wanted,
  answerOf: (request: InputRequest) => Promise<JsonText | undefined>,
): Promise<Given[] | undefined> {
  const given: Given[] = [];
  for (const [key, request] of requests) {
    const answer = await answerOf(request);
    if (answer === undefined) return undefined;
    given.push({ key, method: request.method, answer });
  }
  return given;
}

/** What comes of it, or undefined where it takes longer than there is time. */
async function inTime<T>(promise: Promise<T>, until: number): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(over.resolve, Math.max(0, until - performance.now()), undefined);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function textsOf(answers: JsonText | undefined, state: string | undefined): Readonly<Record<string, JsonText>> {
  return {
    ...(answers !== undefined && { inputResponses: answers }),
    ...(state !== undefined && { requestState: JSON.stringify(state) }),
  };
}

/** What a server asks without the secrets that were sent to it. */
async function scrubbed({ method, params }: InputRequest, { scrubber }: UsedSecrets): Promise<InputRequest> {
  const clean: unknown = JSON.parse(await scrubber.json(JSON.stringify(params)));
  return { method, params: isObject(clean) ? clean : {} };
}

const LOST: PeerReply = {
  kind: 'not_sent',
  outcome: failed(
    'cancelled_before_send',
    'What the caller said was not sent: the configuration has changed since the call began, or it could not be recorded.',
  ),
};
