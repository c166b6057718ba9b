import type { Contestant } from '../contestant.ts';
import type { Driven, Until } from '../load/drive.ts';
import type { Started } from '../processes/channel.ts';
import type { LoadVerbs } from '../processes/load.ts';
import type { Used } from '../processes/meter.ts';
import { drained, watchLag } from './readiness.ts';

/** One measured run of one contestant. CPU is in microseconds a call. */
export type Window = Omit<Driven, 'unexpected' | 'bodies'> & {
  readonly cpuUs: number;
  readonly mainThreadCpuUs: number;
  readonly databaseCpuUs: number | undefined;
  readonly loadCpuUs: number;
  readonly peakRssBytes: number;
  readonly heapUsedBytes: number;
  /** The sequencer's lag while the load ran and the time it took to catch up after it; governed calls only. */
  readonly lagMaxMs: number | undefined;
  readonly drainMs: number | undefined;
};

export type WindowOptions = {
  readonly connections: number;
  readonly requests?: readonly Uint8Array[];
  readonly warmMs: number;
  readonly until: Until;
};

/** Drives a contestant and measures it and everything that works for it. Throws when any call was not answered 200. */
export async function measure(
  load: Started<LoadVerbs>,
  contestant: Contestant,
  options: WindowOptions,
): Promise<Window> {
  const { port, requests, meter, databaseCpu, governed } = contestant;
  const { connections, warmMs, until } = options;
  await load.call.open({
    port,
    connections,
    requests: [...(options.requests ?? requests)],
    expectedStatus: 200,
    keepBodies: false,
  });
  try {
    if (warmMs > 0) await load.call.run({ forMs: warmMs });
    await meter.begin();
    await load.call.begin();
    const databaseBefore = databaseCpu?.();
    const run = (): Promise<Driven> => load.call.run(until);
    const { result, samples } = governed ? await watchLag(port, run) : { result: await run(), samples: undefined };
    const [used, loadUsed]: [Used, Used] = await Promise.all([meter.end(), load.call.end()]);
    const databaseUs = databaseBefore === undefined ? undefined : databaseCpu!() - databaseBefore;
    const { unexpected, bodies: _, ...driven } = result;
    if (Object.keys(unexpected).length > 0) {
      throw new Error(`${contestant.name} answered with another status than 200: ${JSON.stringify(unexpected)}`);
    }
    const drainMs = governed ? await drained(port) : undefined;
    return {
      ...driven,
      cpuUs: used.cpuUs / driven.calls,
      mainThreadCpuUs: used.mainThreadCpuUs / driven.calls,
      databaseCpuUs: databaseUs === undefined ? undefined : databaseUs / driven.calls,
      loadCpuUs: loadUsed.cpuUs / driven.calls,
      peakRssBytes: used.peakRssBytes,
      heapUsedBytes: used.heapUsedBytes,
      lagMaxMs: samples && Math.max(0, ...samples),
      drainMs,
    };
  } finally {
    await load.call.close();
  }
}
