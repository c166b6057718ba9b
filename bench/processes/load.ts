import { type Driven, drive, type Until } from '../load/drive.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { serve } from './channel.ts';
import { createMeter } from './meter.ts';

/** The load generator, in a process of its own: it must not share a thread with what it measures. */

let connections: HttpConnection[] = [];
let requests: readonly Uint8Array[] = [];
let expectedStatus = 200;

const close = (): void => {
  for (const connection of connections) connection.close();
  connections = [];
};

const verbs = {
  ...createMeter(),
  /** Opens connections; they stay open over several runs. */
  async open(input: {
    port: number;
    connections: number;
    requests: readonly Uint8Array[];
    expectedStatus: number;
    keepBodies: boolean;
  }): Promise<void> {
    close();
    ({ requests, expectedStatus } = input);
    connections = await Promise.all(
      Array.from({ length: input.connections }, () => HttpConnection.open(input.port, input.keepBodies)),
    );
  },
  run: (until: Until): Promise<Driven> => drive(connections, requests, until, expectedStatus),
  close,
};
export type LoadVerbs = typeof verbs;

serve(verbs, async () => close());
