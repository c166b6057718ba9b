import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { type Running, start } from '../../src/server.ts';
import { readSettings } from '../../src/settings.ts';
import { createProfiler } from '../gate/profiler.ts';
import { type Seeded, seed } from '../gate/seed.ts';
import { serve } from './channel.ts';
import { createMeter } from './meter.ts';

/** A whole Countersign, started as `countersign serve` starts it, on data made for the benchmark. */

let running: Running | undefined;

/** What making the data left behind is not what a server holds that starts on data it has. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

const profiler = createProfiler();

const verbs = {
  ...createMeter(),
  /** Starts it on an empty database: PostgreSQL's where there is a URL, else the embedded one in `dataDir`. */
  async start(input: {
    databaseUrl: string | undefined;
    dataDir: string;
    redisUrl: string | undefined;
    upstreamPort: number;
    workspaces: number;
  }): Promise<Seeded & { port: number }> {
    let seeded: Seeded | undefined;
    running = await start({
      settings: readSettings({
        PORT: '0',
        DATABASE_URL: input.databaseUrl,
        REDIS_URL: input.redisUrl,
        COUNTERSIGN_DATA_DIR: input.dataDir,
      }),
      log: pino({ level: 'error' }, pino.destination({ fd: 2, sync: false })),
      egressAllow: [`127.0.0.1:${input.upstreamPort}`],
      async beforeServing(app) {
        seeded = await seed(app, input.upstreamPort, input.workspaces);
        collectGarbage();
      },
    });
    return { ...seeded!, port: Number(new URL(running.url).port) };
  },
  startProfile: () => profiler.start(),
  stopProfile: () => profiler.stop(),
};
export type GateVerbs = typeof verbs;

serve(verbs, async () => running?.stop());
