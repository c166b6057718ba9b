import type { Logger } from 'pino';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Store } from '../store/store.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { FactsReader } from './facts.ts';

/** What the dispatcher works with. */
export type Parts = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  readonly upstream: Upstream;
  readonly facts: FactsReader;
  readonly sequencer: Sequencer;
  readonly log: Logger;
  /** Called when a token has passed authentication. */
  readonly tokenUsed: (tenantId: string, tokenId: string) => void;
};
