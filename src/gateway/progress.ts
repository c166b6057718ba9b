import type { Take } from '../limits/rate-limiter.ts';
import type { CallerInput, OnProgress } from '../upstream/outcome.ts';
import type { Admitted } from './admit/admit.ts';

/** What is learned on the way of a request, and its answer or its next part needs; and what its door asks for. */
export type Progress = {
  rate?: Take;
  tenantId?: string;
  admitted?: Admitted;
  /** Is told what the upstream says while the call runs. */
  readonly onNotice?: OnProgress;
  /** What the caller can be asked while the call runs. */
  readonly input?: CallerInput;
  /** The caller takes the call back: one that runs is cancelled upstream, and ends as what is then known of it. */
  readonly cancelled?: AbortSignal;
};
