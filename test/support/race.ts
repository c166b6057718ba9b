import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { REFUSALS_PER_MINUTE } from '../../src/gateway/record/record.ts';
import type { Running } from '../../src/server.ts';
import type { Reply } from './gate.ts';
import { type BenchClient, type BenchTool, type Entry, made, type Workbench } from './workbench.ts';

/** What races are made of: one round each, and everything of it new. */
export const CONSUMPTIONS = 2_000;
const PAYLOAD = { text: 'Once' };

export type Approved = { readonly approvalId: string; readonly executionId: string; readonly sha256: string };

/** Everything one round of a race is about, made anew for each. */
export type Round = { readonly client: BenchClient; readonly tool: BenchTool; readonly grantId: string };

/** A change that must stop every call which has not recorded its intent, and the audit entry that tells of it. */
type Stop = {
  readonly does: (bench: Workbench, round: Round) => Promise<Reply>;
  readonly event: string;
  /** What a call hears that comes after it. */
  readonly codes: readonly string[];
};
export const STOPS: Readonly<Record<string, Stop>> = {
  "a flip of the client's switch": {
    does: ({ people }, { client }) =>
      people.owner('POST', '/v1/kill-switches', { scope: 'client', id: client.id, reason: 'A race' }),
    event: 'kill_switch.flipped',
    codes: ['kill_switch'],
  },
  "a flip of the tool's switch": {
    does: ({ people }, { tool }) =>
      people.owner('POST', '/v1/kill-switches', { scope: 'tool', id: tool.id, reason: 'A race' }),
    event: 'kill_switch.flipped',
    codes: ['kill_switch'],
  },
  'the revocation of the token': {
    does: ({ people }, { client }) => people.owner('DELETE', `/v1/clients/${client.id}/tokens/${client.tokenId}`),
    event: 'token.revoked',
    codes: ['unauthenticated'],
  },
  'the revocation of the client': {
    does: ({ people }, { client }) => people.owner('DELETE', `/v1/clients/${client.id}`),
    event: 'client.revoked',
    codes: ['unauthenticated'],
  },
  'the end of the grant': {
    does: ({ people }, { client, grantId }) => people.owner('DELETE', `/v1/clients/${client.id}/grants/${grantId}`),
    event: 'policy.updated',
    codes: ['not_granted'],
  },
  'an edit of the tool': {
    does: ({ people }, { tool }) => people.owner('PATCH', `/v1/tools/${tool.id}`, { effect: 'send' }),
    event: 'tool.updated',
    codes: ['definition_drift'],
  },
};

/** A client, a tool and a grant between them. */
export async function newRound(
  bench: Workbench,
  policy: 'auto' | 'approve' | 'approve-dual' = 'approve',
): Promise<Round> {
  const client = await bench.newClient();
  const tool = await bench.newTool();
  return { client, tool, grantId: await bench.newGrant(client.id, tool.name, policy) };
}

/** A call that waits for approval. */
export async function hold({ gate }: Workbench, round: Round, auto = false): Promise<Approved> {
  const { approval_id, execution_id, payload_sha256 } = made(
    await call(gate.url, round, { execute_on_approval: auto }),
  );
  return { approvalId: approval_id, executionId: execution_id, sha256: payload_sha256 };
}

/** A call that waits, and one person's grant. */
export async function approve(bench: Workbench, round: Round): Promise<Approved> {
  const held = await hold(bench, round);
  const vote = { decision: 'granted', payload_sha256: held.sha256 };
  made(await bench.people.admin('POST', `/v1/approvals/${held.approvalId}/decisions`, vote));
  return held;
}

/**
 * All calls are sent at once: as many connections as a listening socket takes in one go, each with several requests
 * behind each other. The gate works on the requests of one connection at the same time.
 */
const CONNECTIONS = 400;
// Idle connections are left before the gate closes them: a request that meets a close is no race of ours.
const crowd = new Agent({
  connections: CONNECTIONS,
  pipelining: Math.ceil(CONSUMPTIONS / CONNECTIONS),
  keepAliveTimeout: 500,
  keepAliveMaxTimeout: 500,
});
const PIPELINED = { dispatcher: crowd, idempotent: true, blocking: false } as const;

/** The round's client calls its tool. */
export async function call(url: string, { client, tool }: Round, more: object = {}): Promise<Reply> {
  const { statusCode, headers, body } = await request(`${url}/api/agent/gateway`, {
    ...PIPELINED,
    method: 'POST',
    headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tool: tool.name, arguments: PAYLOAD, ...more }),
  });
  const text = await body.text();
  return { status: statusCode, body: JSON.parse(text), headers: new Headers(headers as Record<string, string>), text };
}

/** The round's client uses an approval. */
export function use(url: string, round: Round, { approvalId }: Approved): Promise<Reply> {
  return call(url, round, { approval_id: approvalId });
}

/** An answer in one word: the state it names, or the refusal's code. */
export function saidBy({ status, body }: Reply): string {
  return status < 300 ? body.status : body.code;
}

/**
 * Starts everything at once, except that in one round the first has a head start and in the next round all others
 * have: as many round trips to the gate as the number of the round, so that over the rounds both sides come first.
 */
export async function inDisorder<T>(url: string, nth: number, work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const late = async (start: () => Promise<T>): Promise<T> => {
    for (let trip = 0; trip < nth; trip += 1) await (await fetch(`${url}/healthz`)).text();
    return start();
  };
  return Promise.all(work.map((start, index) => ((index === 0) === (nth % 2 === 0) ? start() : late(start))));
}

/** The audit entries that a round is about, in the order of the chain. */
export async function entriesOf(
  bench: Workbench,
  { client, tool, grantId }: Round,
  approved?: Approved,
  more: readonly string[] = [],
): Promise<Entry[]> {
  const switches = await bench.sql<{ id: string }>('select id from kill_switches where target_id = any($1)', [
    [client.id, tool.id],
  ]);
  return bench.entries({
    resources: [
      ...[client.id, client.tokenId, tool.id, grantId],
      ...(approved === undefined ? [] : [approved.approvalId, approved.executionId]),
      ...switches.map(({ id }) => id),
      ...more,
    ],
  });
}

/** Uses one approval very often at once, over the given gates in turn. */
export async function expectOneExecution(
  bench: Workbench,
  round: Round,
  approved: Approved,
  gates: readonly Pick<Running, 'url' | 'app'>[],
): Promise<void> {
  const uses = Array.from({ length: CONSUMPTIONS }, (_, nth) => use(gates[nth % gates.length]!.url, round, approved));
  const tally: Record<string, number> = {};
  for (const reply of await Promise.all(uses)) {
    const said = saidBy(reply);
    tally[said] = (tally[said] ?? 0) + 1;
  }
  // On a slow machine some of them wait too long for the store, and are told so.
  const { executed, approval_consumed: consumed = 0, store_unavailable: late = 0, ...rest } = tally;
  expect({ executed, refused: consumed + late, rest }).toEqual({ executed: 1, refused: CONSUMPTIONS - 1, rest: {} });
  expect(bench.stub.arrivedWith(approved.executionId)).toBe(1);
  const events = await entriesOf(bench, round, approved);
  expect(events.filter(({ event_type }) => event_type === 'approval.consumed')).toHaveLength(1);
  await bench.gate.sequenced();
  const [refused] = await bench.sql<{ count: number }>(
    `select count(*)::integer from agent_execution_logs where approval_id = $1 and status = 'denied' and code = 'approval_consumed'`,
    [approved.approvalId],
  );
  expect(refused?.count).toBeLessThanOrEqual(REFUSALS_PER_MINUTE * gates.length);
  // Every other refusal has its entry, by itself or counted.
  for (const { app } of gates) await app.refusals.flush();
  const counted = await bench.entries({ resources: [round.client.id] });
  const more = counted
    .filter(({ data }) => data?.code === 'approval_consumed')
    .reduce((sum, { data }) => sum + Number(data?.count ?? 1), 0);
  expect(refused!.count + more).toBe(consumed);
}
