const START_BYTES = 64 * 1024;
/** A buffer that had to grow past this is not kept. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Writes numbers and texts in network order into one buffer that is used again and again: buffers of this size are
 * allocated outside the heap, and enough of them make the garbage collector stop everything.
 */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #capacity = START_BYTES;
  #at = 0;

  /** How many bytes have been written. */
  get length(): number {
    return this.#at;
  }

  /** What has been written. The next {@link clear} makes it invalid. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Starts anew in another buffer: whoever was given this one may not have sent it yet. */
  abandon(): void {
    this.#at = 0;
    this.#replace(Buffer.allocUnsafeSlow(START_BYTES));
  }

  /** Starts anew. */
  clear(): void {
    this.#at = 0;
    if (this.#capacity > KEPT_BYTES) this.#replace(Buffer.allocUnsafeSlow(START_BYTES));
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  int2(value: number): void {
    this.#room(2);
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  int4(value: number): void {
    this.#room(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  /** A whole number as eight bytes. Throws RangeError for one that is not safe, unless it is a bigint. */
  int8(value: number | bigint): void {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`);
    const high = typeof value === 'bigint' ? Number(value >> 32n) : Math.floor(value / 0x1_0000_0000);
    const low = typeof value === 'bigint' ? Number(value & 0xffff_ffffn) : value - high * 0x1_0000_0000;
    this.int4(high);
    this.int4(low);
  }

  /** Bytes given as hex digits. */
  hex(digits: string): void {
    this.#room(digits.length / 2);
    this.#at += this.#bytes.write(digits, this.#at, 'hex');
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** UTF-8, without its length. */
  utf8(text: string): void {
    // UTF-8 needs at most three bytes for each UTF-16 unit.
    this.#room(text.length * 3);
    this.#at += this.#bytes.write(text, this.#at);
  }

  /** Leaves four bytes for a length that is known later, and says where what it counts begins. */
  reserveLength(): number {
    this.#room(4);
    this.#at += 4;
    return this.#at;
  }

  /** Writes the length of what came since {@link reserveLength}; `more` counts what else the protocol counts. */
  closeLength(start: number, more = 0): void {
    this.#view.setInt32(start - 4, this.#at - start + more);
  }

  /** Takes back what was written from `length` on. */
  truncate(length: number): void {
    this.#at = length;
  }

  /** Writes over four bytes that are there already. */
  setInt4(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#capacity) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#capacity * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#replace(larger);
  }

  #replace(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#capacity = bytes.length;
  }
}
