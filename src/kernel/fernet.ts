import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key of Fernet: 16 bytes that sign, 16 that encrypt. */
export const FERNET_KEY_BYTES = 32;

const VERSION = 0x80;
const BLOCK = 16;
/** Version, time, IV. */
const HEAD = 1 + 8 + BLOCK;
const TAG = 32;
/** How far a clock that made a token may be ahead, by the specification's vectors. */
const SKEW_SECONDS = 60;

/** What was in a token, when it was made, and which of the keys it was made with. */
export type Opened = { readonly plaintext: Buffer; readonly at: Date; readonly key: number };

/** Tokens by the Fernet specification, under several keys. */
export type Fernet = {
  /** Encrypts under the first key. `at` and `iv` are for reproducing published tokens; left out, they are now and random. */
  encrypt(plaintext: Uint8Array, given?: { readonly at?: Date; readonly iv?: Uint8Array }): string;
  /**
   * Opens a token that any of the keys has made; null for everything else, whatever is wrong with it. With `fresh`, also
   * for one that is older than its time to live or comes from the future.
   */
  decrypt(token: string, fresh?: { readonly now: Date; readonly ttlSeconds: number }): Opened | null;
};

type Halves = { readonly signing: Uint8Array; readonly encryption: Uint8Array };

/** @throws RangeError without a key, or with one that is not of 32 bytes. */
export function createFernet(keys: readonly Uint8Array[]): Fernet {
  if (keys.length === 0 || keys.some((key) => key.length !== FERNET_KEY_BYTES)) {
    throw new RangeError(`Fernet needs keys of ${FERNET_KEY_BYTES} bytes`);
  }
  const halves = keys.map((key): Halves => ({ signing: key.subarray(0, 16), encryption: key.subarray(16) }));
  return {
    encrypt(plaintext, { at = new Date(), iv = randomBytes(BLOCK) } = {}) {
      const { signing, encryption } = halves[0]!;
      const head = Buffer.alloc(HEAD);
      head[0] = VERSION;
      head.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 1000)), 1);
      head.set(iv, 9);
      const cipher = createCipheriv('aes-128-cbc', encryption, iv);
      const signed = Buffer.concat([head, cipher.update(plaintext), cipher.final()]);
      return toBase64Url(Buffer.concat([signed, hmacSha256(signing, signed)]));
    },

    decrypt(token, fresh) {
      const bytes = fromBase64Url(token);
      if (bytes === null || bytes.length < HEAD + BLOCK + TAG) return null;
      const signed = bytes.subarray(0, -TAG);
      const tag = bytes.subarray(-TAG);
      // Every key is tried, so that the time tells nothing of which one it was.
      let made = -1;
      for (const [index, { signing }] of halves.entries()) {
        if (timingSafeEqual(hmacSha256(signing, signed), tag) && made === -1) made = index;
      }
      if (made === -1 || signed[0] !== VERSION) return null;
      const seconds = signed.readBigUInt64BE(1);
      if (fresh !== undefined && !isFresh(Number(seconds), fresh)) return null;
      const plaintext = decryptCbc(halves[made]!.encryption, signed.subarray(9, HEAD), signed.subarray(HEAD));
      return plaintext && { plaintext, at: new Date(Number(seconds) * 1000), key: made };
    },
  };
}

/** HMAC by RFC 2104 with SHA-256. */
export function hmacSha256(key: Uint8Array, signed: Uint8Array): Buffer {
  return createHmac('sha256', key).update(signed).digest();
}

function isFresh(seconds: number, { now, ttlSeconds }: { readonly now: Date; readonly ttlSeconds: number }): boolean {
  const at = now.getTime() / 1000;
  return seconds + ttlSeconds >= at && seconds <= at + SKEW_SECONDS;
}

/** The plaintext, or null where the ciphertext is not whole blocks or its padding is not PKCS #7. */
function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return null;
  }
}

function toBase64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** With its padding, and in the one spelling that these bytes have; null for anything else. */
function fromBase64Url(text: string): Buffer | null {
  if (!/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return toBase64Url(bytes) === text ? bytes : null;
}
