/**
 * The bytes that bodies of callers who are not known yet may take up together, in this process. What is known of a
 * caller is read from headers, so there are few such bodies: those of a sign-in.
 */
export class StrangersBudget {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Sets bytes aside, or says undefined. Call what it returns when the body is read or given up. */
  take(bytes: number): (() => void) | undefined {
    if (this.#heldBytes + bytes > this.#maxBytes) return undefined;
    this.#heldBytes += bytes;
    let given = false;
    return () => {
      if (!given) this.#heldBytes -= bytes;
      given = true;
    };
  }
}
