import { follow, type Hears, type LiveEvent, type StreamState } from './follow.ts';

/** What the tab that follows the stream tells the others. */
type Message =
  | { readonly kind: 'hello' }
  | { readonly kind: 'state'; readonly state: StreamState; readonly seq: number | null }
  | { readonly kind: 'event'; readonly event: LiveEvent }
  | { readonly kind: 'lost'; readonly seq: number };

/**
 * Follows a workspace's events until the signal, with one stream for all tabs of the browser: over HTTP/1.1 it has six
 * connections to a server, and a stream keeps one. Whichever tab holds a lock follows and tells the others; when it is
 * closed, the next takes over behind the last event that it heard of. Where a page has no locks (plain HTTP to another
 * machine), each tab follows while it can be seen.
 */
export function followTogether(workspace: string, userId: string, signal: AbortSignal, on: Hears): Promise<void> {
  if (navigator.locks === undefined) return followWhileSeen(workspace, signal, on);
  // Two people in one browser do not hear of the same things.
  return new Tab(`countersign.live ${userId} ${workspace}`, workspace, signal, on).follow();
}

class Tab {
  readonly #name: string;
  readonly #workspace: string;
  readonly #signal: AbortSignal;
  readonly #on: Hears;
  readonly #channel: BroadcastChannel;
  #leads = false;
  #state: StreamState = 'connecting';
  #lastSeq: number | null = null;

  constructor(name: string, workspace: string, signal: AbortSignal, on: Hears) {
    this.#name = name;
    this.#workspace = workspace;
    this.#signal = signal;
    this.#on = on;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data as Message);
    signal.addEventListener('abort', () => this.#channel.close());
  }

  async follow(): Promise<void> {
    this.#on.state('connecting');
    this.#tell({ kind: 'hello' });
    try {
      await navigator.locks.request(this.#name, { signal: this.#signal }, () => this.#lead());
    } catch (fault) {
      // Closed while another tab was following.
      if (!this.#signal.aborted) throw fault;
    }
  }

  async #lead(): Promise<void> {
    this.#leads = true;
    const on: Hears = {
      state: (state) => {
        this.#setState(state);
        this.#tellState();
      },
      event: (event) => {
        if (this.#isNew(event)) this.#tell({ kind: 'event', event });
      },
      ready: (seq, lost) => {
        this.#begin(seq, lost);
        if (lost) this.#tell({ kind: 'lost', seq });
      },
    };
    await follow(this.#workspace, this.#signal, on, this.#lastSeq);
    this.#leads = false;
  }

  #hear(message: Message): void {
    if (message.kind === 'hello') {
      if (this.#leads) this.#tellState();
    } else if (message.kind === 'state') {
      this.#setState(message.state);
      this.#lastSeq ??= message.seq;
    } else if (message.kind === 'event') this.#isNew(message.event);
    else this.#begin(message.seq, true);
  }

  #begin(seq: number, lost: boolean): void {
    this.#lastSeq = seq;
    this.#on.ready(seq, lost);
  }

  /** Hands an event on, unless this tab has had it: a tab that takes over begins where it was, not where the last one was. */
  #isNew(event: LiveEvent): boolean {
    if (this.#lastSeq !== null && event.seq <= this.#lastSeq) return false;
    this.#lastSeq = event.seq;
    this.#on.event(event);
    return true;
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.#on.state(state);
  }

  #tellState(): void {
    this.#tell({ kind: 'state', state: this.#state, seq: this.#lastSeq });
  }

  #tell(message: Message): void {
    if (!this.#signal.aborted) this.#channel.postMessage(message);
  }
}

/** A stream of this tab's own, which is let go while nobody can see the page. */
async function followWhileSeen(workspace: string, signal: AbortSignal, on: Hears): Promise<void> {
  let lastSeq: number | null = null;
  const hears: Hears = {
    ...on,
    ready(seq, lost) {
      lastSeq = seq;
      on.ready(seq, lost);
    },
    event(event) {
      lastSeq = event.seq;
      on.event(event);
    },
  };
  while (!signal.aborted) {
    await untilVisibilityIs('visible', signal);
    const hidden = new AbortController();
    void untilVisibilityIs('hidden', hidden.signal).then(() => hidden.abort());
    let isOff = false;
    const state = (now: StreamState): void => {
      isOff = now === 'off';
      on.state(now);
    };
    await follow(workspace, AbortSignal.any([signal, hidden.signal]), { ...hears, state }, lastSeq);
    hidden.abort();
    if (isOff) return;
  }
}

function untilVisibilityIs(wanted: DocumentVisibilityState, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState !== wanted && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });
}
