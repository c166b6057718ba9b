import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES_EACH = 10;
/** One system call for many ids: asking for ten bytes at a time costs ten times as much as making the id. */
const pool = new Uint8Array(RANDOM_BYTES_EACH * 256);
let poolAt = pool.length;

let lastMs = 0;
let counter = 0;

/**
 * Writes a new UUIDv7 (RFC 9562, section 5.7) into the first 16 bytes of `target`.
 *
 * Within one process every UUID is greater than the one before: a 32-bit counter follows the time, starts
 * at a random 31-bit value in each millisecond, and keeps counting in the old millisecond when the clock
 * steps back. The remaining 42 bits are random.
 */
export function writeUuidV7(target: Uint8Array, nowMs: number = Date.now()): void {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const random = poolAt;
  poolAt += RANDOM_BYTES_EACH;
  tick(nowMs, random);

  const high = Math.floor(lastMs / 0x1_0000);
  target[0] = high >>> 24;
  target[1] = high >>> 16;
  target[2] = high >>> 8;
  target[3] = high;
  target[4] = lastMs >>> 8;
  target[5] = lastMs;
  target[6] = 0x70 | (counter >>> 28);
  target[7] = counter >>> 20;
  target[8] = 0x80 | ((counter >>> 14) & 0x3f);
  target[9] = counter >>> 6;
  target[10] = ((counter & 0x3f) << 2) | ((pool[random + 4] as number) & 3);
  for (let at = 11; at < 16; at++) target[at] = pool[random + at - 6] as number;
}

function tick(nowMs: number, random: number): void {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter =
      (((pool[random] as number) & 0x7f) << 24) |
      ((pool[random + 1] as number) << 16) |
      ((pool[random + 2] as number) << 8) |
      (pool[random + 3] as number);
    return;
  }
  counter = (counter + 1) >>> 0;
  // The counter has run out: borrow the next millisecond rather than repeat one.
  if (counter === 0) lastMs++;
}

const HYPHEN = 0x2d;
const HYPHENS_AT = [8, 13, 18, 23];
const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const NO_HEX = 0xff;
const HEX_VALUES = new Uint8Array(128).fill(NO_HEX);
for (let value = 0; value < 16; value++) {
  HEX_VALUES[value.toString(16).charCodeAt(0)] = value;
  HEX_VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Reads the hyphenated form (either case) into the first 16 bytes of `target`; false when `text` is not one. */
export function parseUuid(text: string, target: Uint8Array): boolean {
  if (text.length !== 36) return false;
  for (const at of HYPHENS_AT) if (text.charCodeAt(at) !== HYPHEN) return false;
  for (let at = 0, byte = 0; at < 36; at += 2, byte++) {
    if (text.charCodeAt(at) === HYPHEN) at++;
    const high = HEX_VALUES[text.charCodeAt(at)] ?? NO_HEX;
    const low = HEX_VALUES[text.charCodeAt(at + 1)] ?? NO_HEX;
    if (high === NO_HEX || low === NO_HEX) return false;
    target[byte] = (high << 4) | low;
  }
  return true;
}

/** The lower-case hyphenated form of the first 16 bytes. */
export function formatUuid(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-';
    text += HEX_PAIRS[bytes[at] as number];
  }
  return text;
}
