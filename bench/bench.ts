import type { Contestant, GateContestant } from './contestant.ts';
import type { Started } from './processes/channel.ts';
import type { LoadVerbs } from './processes/load.ts';
import type { Scale } from './scale.ts';

/** What a scenario works with. */
export type Bench = {
  readonly scale: Scale;
  readonly load: Started<LoadVerbs>;
  readonly upstream: Contestant;
  readonly proxy: Contestant;
  /** One gate an engine: PostgreSQL first, where there is one. */
  readonly gates: readonly GateContestant[];
  /** Tells whoever waits what is being done. */
  say(text: string): void;
};
