import type { HttpConnection } from './http-connection.ts';

/** What one run of the load came to. Times are in microseconds, from the write of a request to its whole answer. */
export type Driven = {
  readonly calls: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** Answers with another status than the expected one, by status. */
  readonly unexpected: Readonly<Record<number, number>>;
  /** The bodies, in the order of the requests, when the connections keep them. */
  readonly bodies: readonly string[];
};

/** When a run ends: after a time, or after a number of calls. */
export type Until = { readonly forMs: number } | { readonly calls: number };

/**
 * Keeps every connection busy with one request at a time (a closed loop), taking the requests in turn. What is
 * under way when the time is up is still waited for and counted.
 */
export async function drive(
  connections: readonly HttpConnection[],
  requests: readonly Uint8Array[],
  until: Until,
  expectedStatus: number,
): Promise<Driven> {
  const latencies: number[] = [];
  const bodies: string[] = [];
  const unexpected: Record<number, number> = {};
  const started = performance.now();
  const endAt = 'forMs' in until ? started + until.forMs : Number.POSITIVE_INFINITY;
  const callsMax = 'calls' in until ? until.calls : Number.POSITIVE_INFINITY;
  let sent = 0;

  const work = async (connection: HttpConnection): Promise<void> => {
    let now = performance.now();
    while (sent < callsMax && now < endAt) {
      const index = sent++;
      const { status, body } = await connection.send(requests[index % requests.length]!);
      const answered = performance.now();
      latencies.push(answered - now);
      if (status !== expectedStatus) unexpected[status] = (unexpected[status] ?? 0) + 1;
      if (body !== undefined) bodies[index] = body;
      now = answered;
    }
  };
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - started) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 1000;
  return {
    calls: sorted.length,
    seconds,
    perSecond: sorted.length / seconds,
    p50Us: at(0.5),
    p99Us: at(0.99),
    maxUs: at(1),
    unexpected,
    bodies,
  };
}
