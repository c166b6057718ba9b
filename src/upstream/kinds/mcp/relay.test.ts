import { describe, expect, test } from 'vitest';
import { failed, type Relay, refused } from '../../outcome.ts';
import { Askings } from './askings.ts';
import { passedOn } from './input.ts';
import type { PeerReply } from './peer.ts';
import { roundsOf } from './relay.ts';

const UNSEEN = '\u202e\u{e0041}';
const FORM = { method: 'elicitation/create', params: { message: 'Who?' } };

describe('what is passed on of what a server asks', () => {
  test('people are told who asks, and see all that a form says', () => {
    const requestedSchema = {
      type: 'object',
      title: `Form${UNSEEN}`,
      properties: {
        title: { type: 'string', description: `Yours${UNSEEN}`, enum: [`a${UNSEEN}`], enumNames: [`A${UNSEEN}`] },
      },
    };
    const params = { mode: 'form', message: `Your code?${UNSEEN}`, requestedSchema, _meta: {}, task: {} };
    expect(passedOn({ method: 'elicitation/create', params }, 'notes.ask').params).toEqual({
      mode: 'form',
      message: 'The server of notes.ask asks, not Countersign: Your code?',
      requestedSchema: {
        type: 'object',
        title: 'Form',
        properties: { title: { type: 'string', description: 'Yours', enum: [`a${UNSEEN}`], enumNames: ['A'] } },
      },
    });
  });

  test('a model is given no context of other servers, and no tools', () => {
    const known = { messages: [], systemPrompt: 'Short', maxTokens: 10 };
    const params = { ...known, includeContext: 'allServers', tools: [], toolChoice: {}, metadata: {}, _meta: {} };
    expect(passedOn({ method: 'sampling/createMessage', params }, 'a.b').params).toEqual(known);
    expect(passedOn({ method: 'roots/list', params }, 'a.b').params).toEqual({});
  });
});

describe('a call that asks', () => {
  const asking: PeerReply = (() => {
    const value = { resultType: 'input_required', inputRequests: { who: FORM }, requestState: 's', more: true };
    return { kind: 'result', result: JSON.stringify(value), value };
  })();
  const relayOf = (more: Partial<Relay> = {}): Relay => ({
    tool: 'notes.ask',
    offers: ['elicitation'],
    returns: false,
    ask: async () => '{"action":"accept"}',
    record: async () => true,
    ...more,
  });
  const rounds = (relay: Relay) => roundsOf('tools/call', relay, ['elicitation'], undefined);
  const until = performance.now() + 60_000;

  test('that could not be sent again may have been worked on', async () => {
    for (const outcome of [failed('connect_failed', 'It is gone.'), refused('definition_drift', 'It drifted.')]) {
      const sent: number[] = [];
      const reply = await rounds(relayOf()).run(async (_, round) => {
        sent.push(round);
        return round === 1 ? asking : { kind: 'not_sent', outcome };
      }, until);
      expect(reply).toMatchObject({ kind: 'cut', reason: expect.stringMatching(/had the call.*It/) });
      expect(sent).toEqual([1, 2]);
    }
    expect(await rounds(relayOf({ record: async () => false })).run(async () => asking, until)).toMatchObject({
      kind: 'cut',
    });
  });

  test('is handed on to its client with nothing that is not known', async () => {
    const reply = await rounds(relayOf({ returns: true })).run(async () => asking, until);
    expect(JSON.parse((reply as { result: string }).result)).toEqual({
      resultType: 'input_required',
      inputRequests: { who: passedOn(FORM, 'notes.ask') },
      requestState: 's',
    });
  });

  test('asks only so often while it runs', async () => {
    let asked = 0;
    const { ask } = rounds(
      relayOf({
        ask: async () => {
          asked += 1;
          return '{}';
        },
      }),
    ).asked!;
    const answers = [];
    for (let n = 0; n < 40; n += 1) answers.push(await ask!(FORM));
    expect(asked).toBe(32);
    expect(answers.at(-1)).toBeUndefined();
  });
});

test('a server that asks without end is declined, then not answered, and heard again a minute later', () => {
  const askings = new Askings();
  const said = Array.from({ length: 1_001 }, () => askings.take(0));
  expect([said[0], said[99], said[100], said[999], said[1_000]]).toEqual([
    'all',
    'all',
    'declined',
    'declined',
    'nothing',
  ]);
  expect(askings.take(60_000)).toBe('all');
});
