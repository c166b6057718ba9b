import { z } from 'zod';
import type { Kind } from '../../kind.ts';

type NoConfig = Record<string, never>;
const noConfig = z.strictObject({}) as z.ZodType<NoConfig>;

/** The time of a call that waits for nobody. */
const TIMEOUT_MS = 30_000;

/** Calls nothing: the answer is the arguments as they were approved. */
export const noop: Kind<NoConfig, NoConfig, string> = {
  handlerConfig: noConfig,
  connectorConfig: noConfig,
  connectors: { kinds: ['noop'], required: false },
  takes: () => ({ needed: [], others: 'any' }),
  timeoutMs: () => TIMEOUT_MS,
  refuseTarget: () => null,
  describeConnector: () => 'nowhere',
  describe: () => ({ sentence: 'calls nothing; the arguments are kept', details: {}, destination: null }),
  prepare: (_handler, _connector, { argumentsCanonical }) => ({
    kind: 'prepared',
    request: `{"ok":true,"echo":${Buffer.from(argumentsCanonical).toString()}}`,
    timeoutMs: TIMEOUT_MS,
  }),
  execute: async (_ways, { request }) => ({ kind: 'executed', result: request }),
};
