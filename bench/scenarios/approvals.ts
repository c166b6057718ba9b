import type { Bench } from '../bench.ts';
import { type GateContestant, gatewayRequest } from '../contestant.ts';
import { HELD_TOOL } from '../gate/seed.ts';
import type { Driven } from '../load/drive.ts';
import { requestBytes } from '../load/http-connection.ts';
import { drained } from '../measure/readiness.ts';
import { payload } from '../payload.ts';
import { STEADY_CONNECTIONS } from '../scale.ts';

type Rates = Pick<Driven, 'perSecond' | 'p50Us' | 'p99Us'>;

/** The three steps of a held call on one gate, one entry a repeat. */
export type ApprovalsResult = {
  readonly name: string;
  readonly calls: number;
  readonly requested: readonly Rates[];
  readonly decided: readonly Rates[];
  readonly consumed: readonly Rates[];
};

/** Requests, decisions and consumptions, each for all calls before the next, at 32 connections. */
export async function runApprovals({ scale, load, gates, say }: Bench): Promise<ApprovalsResult[]> {
  const results: ApprovalsResult[] = [];
  for (const gate of gates) {
    const cookie = await signIn(gate);
    const rounds: { requested: Rates; decided: Rates; consumed: Rates }[] = [];
    for (let repeat = 0; repeat < scale.repeats; repeat++) {
      say(`approvals, repeat ${repeat + 1} of ${scale.repeats}: ${gate.name}`);
      rounds.push(await runRound(gate, cookie, scale.approvals, load));
    }
    results.push({
      name: gate.name,
      calls: scale.approvals,
      requested: rounds.map(({ requested }) => requested),
      decided: rounds.map(({ decided }) => decided),
      consumed: rounds.map(({ consumed }) => consumed),
    });
  }
  return results;
}

async function runRound(gate: GateContestant, cookie: string, calls: number, load: Bench['load']) {
  const { token } = gate.workspaces[0]!;
  const args = payload();
  const held = gatewayRequest(token, JSON.stringify({ tool: HELD_TOOL, arguments: args }));
  const requested = await runAll(gate, load, Array<Uint8Array>(calls).fill(held), 202);
  const approvals = requested.bodies.map((body) => JSON.parse(body) as { approval_id: string; payload_sha256: string });

  const origin = `http://127.0.0.1:${gate.port}`;
  const decisions = approvals.map(({ approval_id: id, payload_sha256 }) =>
    requestBytes(
      'POST',
      `/v1/approvals/${id}/decisions`,
      { cookie, origin, host: `127.0.0.1:${gate.port}` },
      JSON.stringify({ decision: 'granted', payload_sha256 }),
    ),
  );
  const decided = await runAll(gate, load, decisions, 200);

  const again = approvals.map(({ approval_id }) =>
    gatewayRequest(token, JSON.stringify({ tool: HELD_TOOL, arguments: args, approval_id })),
  );
  const consumed = await runAll(gate, load, again, 200);
  return { requested: rates(requested), decided: rates(decided), consumed: rates(consumed) };
}

async function runAll(
  gate: GateContestant,
  load: Bench['load'],
  requests: Uint8Array[],
  expectedStatus: number,
): Promise<Driven> {
  await load.call.open({
    port: gate.port,
    connections: STEADY_CONNECTIONS,
    requests,
    expectedStatus,
    keepBodies: true,
  });
  try {
    const driven = await load.call.run({ calls: requests.length });
    if (Object.keys(driven.unexpected).length > 0) {
      const wrong = driven.bodies.find((body) => /"code"/.test(body));
      throw new Error(`${gate.name} did not answer ${expectedStatus}: ${JSON.stringify(driven.unexpected)} ${wrong}`);
    }
    await drained(gate.port);
    return driven;
  } finally {
    await load.call.close();
  }
}

function rates({ perSecond, p50Us, p99Us }: Driven): Rates {
  return { perSecond, p50Us, p99Us };
}

/** The cookie of the gate's approver. */
export async function signIn({ port, approver }: GateContestant): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify(approver),
  });
  if (response.status !== 200) throw new Error(`The approver cannot sign in: ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
