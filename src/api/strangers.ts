/**
 * The bytes that bodies of callers who are not known yet may take up together in this process, and how much of that one
 * network may. Who somebody is stands in headers and is asked first, so there are few such bodies: those of a sign-in.
 * Large bodies of those who are known are bounded alike, by token.
 */
export class StrangersBudget {
  readonly #maxBytes: number;
  readonly #maxBytesPerNetwork: number;
  readonly #held = new Map<string, number>();
  #heldBytes = 0;

  constructor(maxBytes: number, maxBytesPerNetwork: number) {
    this.#maxBytes = maxBytes;
    this.#maxBytesPerNetwork = maxBytesPerNetwork;
  }

  /** Sets bytes aside, or says undefined. Call what it returns when the body is read or given up. */
  take(network: string, bytes: number): (() => void) | undefined {
    const held = this.#held.get(network) ?? 0;
    if (this.#heldBytes + bytes > this.#maxBytes || held + bytes > this.#maxBytesPerNetwork) return undefined;
    this.#change(network, bytes);
    let given = false;
    return () => {
      if (!given) this.#change(network, -bytes);
      given = true;
    };
  }

  #change(network: string, bytes: number): void {
    this.#heldBytes += bytes;
    const held = (this.#held.get(network) ?? 0) + bytes;
    if (held === 0) this.#held.delete(network);
    else this.#held.set(network, held);
  }
}
