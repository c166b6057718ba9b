import { type Sliced, STRIDE, type Work } from './sliced.ts';

/** Where values were found in some bytes, and what is to stand there instead. */
export class Marks {
  readonly #length: number;
  /** By where a value begins: where the longest of those that begin there ends, and what stands for it. */
  #ends: Uint32Array = NONE;
  #references: Uint16Array = NO_REFERENCE;
  readonly #known: Buffer[] = [];

  constructor(length: number) {
    this.#length = length;
  }

  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  add(from: number, to: number, reference: Buffer): void {
    if (this.isEmpty) {
      this.#ends = new Uint32Array(this.#length);
      this.#references = new Uint16Array(this.#length);
    }
    if (this.#ends[from]! >= to) return;
    let index = this.#known.indexOf(reference);
    if (index === -1) index = this.#known.push(reference) - 1;
    this.#ends[from] = to;
    this.#references[from] = index;
  }

  /** Whether a value begins between two places, or goes on there. */
  touches(from: number, to: number): boolean {
    return this.#reach(from) > from || this.#ends.subarray(from, to).some((end) => end > 0);
  }

  /** How far what begins before a place goes. Asked for rising places. */
  #reach(place: number): number {
    for (; this.#walked < place; this.#walked += 1) {
      const end = this.#ends[this.#walked]!;
      if (end > this.#farthest) this.#farthest = end;
    }
    return this.#farthest;
  }
  #walked = 0;
  #farthest = 0;

  /** The bytes with what stands for the values; the same buffer where there are none. */
  *replace(bytes: Buffer, work: Work): Sliced<Buffer> {
    if (this.isEmpty) return bytes;
    const size = yield* this.#write(bytes, work, undefined);
    const replaced = Buffer.allocUnsafe(size);
    yield* this.#write(bytes, work, replaced);
    return replaced;
  }

  /** Writes into a buffer, or nowhere, and says how much that is. */
  *#write(bytes: Buffer, work: Work, into: Buffer | undefined): Sliced<number> {
    let size = 0;
    let done = 0;
    const copy = (part: Buffer, from: number, to: number): void => {
      if (into !== undefined) part.copy(into, size, from, to);
      size += to - from;
    };
    for (let at = 0; at < bytes.length; at += 1) {
      if (at % STRIDE === STRIDE - 1 && work.isEnough(STRIDE)) yield;
      const end = this.#ends[at]!;
      // What overlaps with the last one is part of a value all the same.
      if (end <= done) continue;
      if (at >= done) {
        copy(bytes, done, at);
        const reference = this.#known[this.#references[at]!]!;
        copy(reference, 0, reference.length);
      }
      done = end;
    }
    copy(bytes, done, bytes.length);
    return size;
  }
}

const NONE = new Uint32Array();
const NO_REFERENCE = new Uint16Array();
