import { ENGINE_LIMITS, type EngineLimits, EngineThread, EngineWedged, wedged } from './engine-thread.ts';

/** Tells the operator. */
export type Report = (level: 'warn' | 'error', sentence: string) => void;

/** What node-postgres makes of a connection that broke: the store is away, and the caller may come again. */
class EngineAway extends Error {
  override readonly name = 'EngineAway';
  readonly code = 'ECONNRESET';
}

/** After a start that failed, as on a full disk, the next is this much later. */
const REST_MS = 2_000;

/**
 * Keeps an embedded engine at hand. One that broke, or gives no answer, is started again on its directory when it is next
 * asked for, which PostgreSQL recovers as after a crash.
 */
export class EngineKeeper {
  readonly #dataDir: string | null;
  readonly #limits: EngineLimits;
  readonly #report: Report;
  #thread: EngineThread | undefined;
  #starting: Promise<EngineThread> | undefined;
  #failure: string | undefined;
  #restUntil = 0;
  #isClosing = false;

  private constructor(dataDir: string | null, report: Report, limits: EngineLimits) {
    this.#dataDir = dataDir;
    this.#report = report;
    this.#limits = limits;
  }

  /** Starts the first one, in `dataDir`, or in memory when it is null: that one is not started again. */
  static async start(
    dataDir: string | null,
    report: Report,
    limits: EngineLimits = ENGINE_LIMITS,
  ): Promise<EngineKeeper> {
    const keeper = new EngineKeeper(dataDir, report, limits);
    keeper.#thread = await keeper.#start();
    return keeper;
  }

  /** A thread for a new conversation. Rejects at once when one could not be started just now. */
  async claim(): Promise<EngineThread> {
    if (this.#thread?.isFree) return this.#thread;
    if (this.#isClosing) throw new EngineAway('The embedded engine has been closed');
    if (this.#dataDir === null && this.#thread === undefined)
      throw new EngineAway('The embedded engine broke, and with it what it had in memory');
    if (performance.now() < this.#restUntil) throw new EngineAway(`The embedded engine is away: ${this.#failure}`);
    this.#starting ??= this.#startAgain().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Bytes of JavaScript heap the engine's thread uses. */
  async heapUsed(): Promise<number> {
    return (await this.#thread?.heapUsed()) ?? 0;
  }

  /** Ends it, within the time it has for that. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#starting?.catch(() => {});
    await this.#thread?.end().catch(endIfWedged);
  }

  async #startAgain(): Promise<EngineThread> {
    try {
      // One that is still there has been left by a conversation whose remains it holds.
      await this.#thread?.kill('its connection was given up').catch(endIfWedged);
      this.#thread = await this.#start();
      this.#failure = undefined;
      this.#report('warn', 'The embedded database works again.');
      return this.#thread;
    } catch (fault) {
      const { message } = fault as Error;
      if (message !== this.#failure) this.#report('error', `${message}. It is tried again; calls are refused.`);
      this.#failure = message;
      this.#restUntil = performance.now() + REST_MS;
      throw new EngineAway(message);
    }
  }

  async #start(): Promise<EngineThread> {
    const thread = await EngineThread.start(this.#dataDir, this.#limits).catch(endIfWedged);
    void thread.ended.then((reason) => {
      if (this.#isClosing) return;
      if (this.#thread === thread) this.#thread = undefined;
      this.#report(
        'error',
        `The embedded database stopped: ${reason}. It is started again; calls are refused meanwhile.`,
      );
    });
    return thread;
  }
}

function endIfWedged(fault: unknown): never {
  if (fault instanceof EngineWedged) wedged(fault);
  throw fault;
}
