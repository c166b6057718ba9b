import type { Actor } from '../kernel/actor.ts';
import type { AuditEvent } from './audit.ts';
import { countedData, type Fold, Tally } from './tally.ts';

/** A refusal that is to have its entry. */
export type Refused = {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly event: Omit<AuditEvent, 'actor'>;
  /** Whose refusals of which sort count together, such as a person and a code. Never taken from a request as it stands. */
  readonly key: string;
};

/** Writes entries of one workspace in a transaction of their own; rejects when that is not certain. */
type Enter = (tenantId: string, events: readonly AuditEvent[]) => Promise<void>;

export type RefusalLimits = {
  /** Entries of its own that a key may have in a minute, and that all keys of a workspace may have. */
  readonly keyPerMinute: number;
  readonly workspacePerMinute: number;
  /** Keys that are remembered at a time. */
  readonly keysMax: number;
};

const LIMITS: RefusalLimits = { keyPerMinute: 10, workspacePerMinute: 100, keysMax: 10_000 };
const WINDOW_MS = 60_000;

type Window = { readonly startMs: number; taken: number };

/**
 * Gives refusals their entries without letting whoever is refused write as much as they like. What is refused is rolled
 * back, so its entry is written by itself. The first few of a key are entries at once; the rest of a minute becomes one
 * entry with `count`, `first_at` and `last_at`, which otherwise says what the last of them was. A crash loses at most
 * the counts of that minute.
 */
export class RefusalLedger {
  readonly #enter: Enter;
  readonly #now: () => Date;
  readonly #failed: (fault: unknown) => void;
  readonly #limits: RefusalLimits;
  readonly #keys = new Map<string, Window>();
  readonly #workspaces = new Map<string, Window>();
  readonly #tally: Tally<Refused>;
  /** By workspace; as many as there are workspaces. */
  readonly #together = new Tally<Refused>(Infinity);

  /** `failed` hears why entries could not be written; they are counted, and tried again with the next flush. */
  constructor(enter: Enter, now: () => Date, failed: (fault: unknown) => void, limits: RefusalLimits = LIMITS) {
    this.#enter = enter;
    this.#now = now;
    this.#failed = failed;
    this.#limits = limits;
    this.#tally = new Tally(limits.keysMax);
  }

  /** Resolves when the refusal has its entry, or is counted. Never rejects: a refusal stands, whatever is kept of it. */
  async note(refused: Refused): Promise<void> {
    const { tenantId, actor, event } = refused;
    const { keyPerMinute, workspacePerMinute } = this.#limits;
    const mayBeWritten =
      this.#take(this.#keys, `${tenantId} ${refused.key}`, keyPerMinute) &&
      this.#take(this.#workspaces, tenantId, workspacePerMinute);
    if (!mayBeWritten) return this.#fold(refused);
    try {
      await this.#enter(tenantId, [{ ...event, actor }]);
    } catch (fault) {
      this.#failed(fault);
      this.#fold(refused);
    }
  }

  /** Writes what was counted: to be called once a minute, and before the process ends. */
  async flush(): Promise<void> {
    const folds = [this.#tally, this.#together].flatMap((tally) => [...tally.take().values()]);
    for (const [tenantId, own] of Map.groupBy(folds, ({ last }) => last.tenantId)) {
      try {
        await this.#enter(tenantId, own.map(counted));
      } catch (fault) {
        this.#failed(fault);
        for (const fold of own) this.#add(fold);
      }
    }
  }

  /** Whether one more fits into this minute of a key. */
  #take(windows: Map<string, Window>, key: string, perMinute: number): boolean {
    const nowMs = this.#now().getTime();
    let window = windows.get(key);
    if (window === undefined || nowMs - window.startMs >= WINDOW_MS) {
      // Begun anew it goes behind the others, so that the first is always the oldest.
      windows.delete(key);
      window = { startMs: nowMs, taken: 0 };
      windows.set(key, window);
      const [oldest] = windows.keys();
      if (windows.size > this.#limits.keysMax) windows.delete(oldest!);
    }
    if (window.taken >= perMinute) return false;
    window.taken += 1;
    return true;
  }

  #fold(refused: Refused): void {
    const at = this.#now();
    this.#add({ last: refused, count: 1, firstAt: at, lastAt: at });
  }

  #add(fold: Fold<Refused>): void {
    const { tenantId, key, event } = fold.last;
    // Too many different ones: what a workspace has more of is counted together.
    if (!this.#tally.add(`${tenantId} ${key} ${event.event_type}`, fold)) this.#together.add(tenantId, fold);
  }
}

function counted(fold: Fold<Refused>): AuditEvent {
  const { actor, event } = fold.last;
  return { ...event, actor, data: { ...event.data, ...countedData(fold) } };
}
