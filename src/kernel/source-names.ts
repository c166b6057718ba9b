import { randomInt } from 'node:crypto';

/**
 * Counts the different names of members in a source: where the opening quote of the first of each kind stands, plus 1,
 * by the hash of the name. The hash starts anywhere, so that nobody can choose names that share one; few places are
 * tried all the same.
 */
const nameAt = new Int32Array(1 << 15);
const nameHash = new Int32Array(nameAt.length);
const HASH_START = randomInt(2 ** 31);
const MOST_TRIES = 64;
const QUOTE = 0x22;

/** Begins a new source. */
export function forgetNames(): void {
  nameAt.fill(0);
}

/**
 * Notes the name between two quotes of the source, which goes on for four bytes at least; returns 1 for a new one, 0
 * for a known one, NaN for want of a place.
 */
export function noteName(source: DataView, open: number, close: number): number {
  const hash = hashOf(source, open + 1, close);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const slot = (hash + tries) & (nameAt.length - 1);
    const known = (nameAt[slot] as number) - 1;
    if (known === -1) {
      nameAt[slot] = open + 1;
      nameHash[slot] = hash;
      return 1;
    }
    if (nameHash[slot] === hash && isSame(source, known, open, close)) return 0;
  }
  return Number.NaN;
}

function hashOf(source: DataView, from: number, to: number): number {
  let hash = HASH_START ^ (to - from);
  for (let i = from; i < to; i += 4) {
    const room = to - i;
    const word = source.getInt32(i);
    hash = Math.imul(hash ^ (room < 4 ? word & (-2 << (31 - 8 * room)) : word), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  // Differences in the last bytes of a name stand in the upper bits so far, and the place is in the lower ones.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Whether the name behind the quote at `known` is the one between `open` and `close`; no name holds a quote. */
function isSame(source: DataView, known: number, open: number, close: number): boolean {
  const shift = known - open;
  for (let i = open + 1; i < close; i++) if (source.getUint8(i) !== source.getUint8(i + shift)) return false;
  return source.getUint8(close + shift) === QUOTE;
}
