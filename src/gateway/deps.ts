import type { Logger } from 'pino';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Store } from '../store/store.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { SecretsReader } from './act/secrets.ts';
import type { Admittance, NotAdmitted } from './admit/admit.ts';
import type { Call, Denied } from './call.ts';
import type { Facts } from './facts/facts.ts';
import type { FactsReader } from './facts/reader.ts';
import type { Labelled } from './record/labelled.ts';
import type { Rules } from './rule/rule.ts';
import type { Ruling } from './rule/ruling.ts';
import type { Observer } from './watch.ts';

/** What the dispatcher works with. */
export type Deps = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  readonly admittance: Admittance;
  readonly facts: FactsReader;
  readonly rules: Rules;
  readonly labelled: Labelled;
  readonly upstream: Upstream;
  readonly secrets: SecretsReader;
  readonly sequencer: Sequencer;
  /** What this installation alone can compute hashes with. */
  readonly stateKey: Uint8Array;
  readonly log: Logger;
  /** Is told how long each stage of each call took. */
  readonly observer?: Observer;
  /** Counts a refusal that is not written down as a call, and gives it back as the answer. */
  readonly countedOut: (
    call: Call,
    refusal: Denied & Pick<NotAdmitted, 'caller'>,
    of?: Pick<Facts, 'tenantId' | 'principal'>,
  ) => Promise<Denied>;
  /** Is told of every ruling, before it is recorded. */
  readonly seen: (call: Call, facts: Facts, ruling: Ruling) => void;
};
