/**
 * Collects the chunks of a body up to a limit in one buffer. Chunks are copied together rather than listed:
 * a body sent one byte a chunk would otherwise cost a hundred times its size in buffer objects.
 */
export class BodyCollector {
  readonly #limit: number;
  readonly #expected: number;
  #buffer: Buffer = EMPTY;
  #length = 0;
  #owned = false;

  /** `expectedBytes`: the announced length, or NaN; only a hint for the first allocation. */
  constructor(limitBytes: number, expectedBytes: number) {
    this.#limit = limitBytes;
    this.#expected = expectedBytes > 0 ? Math.min(expectedBytes, limitBytes) : 0;
  }

  /** Takes a chunk; false if the body is longer than the limit (what fits is kept). */
  add(chunk: Buffer): boolean {
    const room = this.#limit - this.#length;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (this.#length === 0) {
      this.#buffer = part;
    } else {
      this.#grow(this.#length + part.length);
      part.copy(this.#buffer, this.#length);
    }
    this.#length += part.length;
    return part === chunk;
  }

  /** What has been collected. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    // The first chunk is still the parser's own buffer: it is never written to.
    if (this.#owned && needed <= this.#buffer.length) return;
    const size = Math.min(this.#limit, Math.max(needed, this.#expected, this.#buffer.length * 2, 4096));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#owned = true;
  }
}

const EMPTY = Buffer.alloc(0);
