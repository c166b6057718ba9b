import {
  failed,
  type InputAnswer,
  type InputKind,
  type InputRequest,
  type JsonText,
  type Relay,
} from '../../outcome.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import { kindOf, mayAsk, type Wanted, wantedOf } from './input.ts';
import { isObject } from './messages.ts';
import type { Asked, PeerReply } from './peer.ts';

/** How often one call may be answered by asking for something. */
const ROUNDS_MAX = 8;

/** A request that is made as often as its answer asks for something that the caller gives. */
export type Rounds = {
  readonly asked: Asked | undefined;
  /** `send` makes the request with more params; nobody is waited for beyond `until`, by the process's clock. */
  run(send: (more: Readonly<Record<string, JsonText>>) => Promise<PeerReply>, until: number): Promise<PeerReply>;
};

/** A request whose caller can be asked for nothing. */
const NONE: Rounds = { asked: undefined, run: (send) => send({}) };

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
    return relay.ask(secrets === undefined ? request : await scrubbed(request, secrets));
  };
  const ask = async (request: InputRequest): Promise<JsonText | undefined> => {
    const answer = await answerOf(request);
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
        const reply = await send(more);
        const wanted = reply.kind === 'result' ? wantedOf(reply.value, reply.result) : undefined;
        if (reply.kind !== 'result' || wanted === undefined || ![...wanted.requests.values()].every(isOpen))
          return reply;
        if (relay.returns) return { ...reply, wants: 'input' };
        const given = round < ROUNDS_MAX ? await inTime(answersTo(wanted, answerOf), until) : undefined;
        if (given === undefined) return reply;
        if (!(await relay.record(given.map(({ method: of, answer }) => ({ method: of, answer }))))) return LOST;
        const members = given.map(({ key, answer }) => `${JSON.stringify(key)}:${answer}`);
        more = textsOf(`{${members.join(',')}}`, wanted.state);
      }
    },
  };
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
  outcome: failed('cancelled_before_send', 'What the caller said could not be recorded, so it was not sent.'),
};
