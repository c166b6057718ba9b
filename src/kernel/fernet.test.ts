import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findVectors } from '../../test/support/vectors.ts';
import { createFernet, hmacSha256 } from './fernet.ts';

const KEY = Buffer.from('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=', 'base64url');
const OTHER = Buffer.alloc(32, 7);
/** The published token of "hello", of 1985-10-26T08:20:00Z. */
const HELLO = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

type Vector = { desc?: string; token: string; now: string; ttl_sec: number; iv: number[]; src: string; secret: string };

const published = findVectors('fernet');
const readVectors = (name: string): Vector[] =>
  published === undefined ? [] : JSON.parse(readFileSync(join(published, name), 'utf8'));
const keyed = ({ secret }: Vector) => createFernet([Buffer.from(secret, 'base64url')]);
const freshness = ({ now, ttl_sec }: Vector) => ({ now: new Date(now), ttlSeconds: ttl_sec });

describe.skipIf(published === undefined)('the published Fernet vectors', () => {
  test('are there', () => {
    const counts = ['generate.json', 'verify.json', 'invalid.json'].map((name) => readVectors(name).length);
    expect(counts).toEqual([1, 1, 8]);
  });

  test.each(readVectors('generate.json'))('the token of $src is made', (vector) => {
    const given = { at: new Date(vector.now), iv: Buffer.from(vector.iv) };
    expect(keyed(vector).encrypt(Buffer.from(vector.src), given)).toBe(vector.token);
  });

  test.each(readVectors('verify.json'))('the token of $src is opened', (vector) => {
    expect(keyed(vector).decrypt(vector.token, freshness(vector))?.plaintext.toString()).toBe(vector.src);
  });

  test.each(readVectors('invalid.json'))('refused: $desc', (vector) => {
    expect(keyed(vector).decrypt(vector.token, freshness(vector))).toBeNull();
  });
});

type Group<T> = { keySize: number; tagSize: number; tests: T[] };
type Judged = { tcId: number; comment: string; key: string; msg: string; result: 'valid' | 'invalid' | 'acceptable' };

const wycheproof = findVectors('wycheproof');
function readGroups<T>(name: string): Group<T>[] {
  return wycheproof === undefined ? [] : JSON.parse(readFileSync(join(wycheproof, name), 'utf8')).testGroups;
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe.skipIf(wycheproof === undefined)('the Wycheproof vectors', () => {
  test('AES-128-CBC with PKCS #7, each inside a token that is signed rightly', () => {
    let count = 0;
    for (const { keySize, tests } of readGroups<Judged & { iv: string; ct: string }>('aes_cbc_pkcs5_test.json')) {
      if (keySize !== 128) continue;
      for (const { tcId, key, iv, ct, msg, result } of tests) {
        const whole = Buffer.concat([Buffer.alloc(16, 1), hex(key)]);
        const opened = createFernet([whole]).decrypt(signed(whole, hex(iv), hex(ct)));
        expect(opened?.plaintext.toString('hex'), `${tcId}`).toBe(result === 'valid' ? msg : undefined);
        count += 1;
        if (result !== 'valid') continue;
        const made = createFernet([whole]).encrypt(hex(msg), { iv: hex(iv) });
        expect(Buffer.from(made, 'base64url').subarray(25, -32).toString('hex'), `${tcId}`).toBe(ct);
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  test('HMAC-SHA256', () => {
    let count = 0;
    for (const { tagSize, tests } of readGroups<Judged & { tag: string }>('hmac_sha256_test.json')) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const ours = hmacSha256(hex(key), hex(msg))
          .toString('hex')
          .slice(0, tagSize / 4);
        expect(ours === tag, `${tcId}`).toBe(result === 'valid');
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});

/** A token around a ciphertext, with the signature that belongs to it. */
function signed(key: Buffer, iv: Buffer, ciphertext: Buffer, version = 0x80): string {
  const head = Buffer.concat([Buffer.from([version]), Buffer.alloc(8), iv, ciphertext]);
  const bytes = Buffer.concat([head, hmacSha256(key.subarray(0, 16), head)]);
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

test('the published token opens, and tells its time and its key', () => {
  const opened = createFernet([OTHER, KEY]).decrypt(HELLO);
  expect(opened).toEqual({ plaintext: Buffer.from('hello'), at: new Date('1985-10-26T08:20:00Z'), key: 1 });
});

test('what one key encrypts, every list with that key opens, and no other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const token = createFernet([KEY, OTHER]).encrypt(bytes);
      expect(createFernet([OTHER, KEY]).decrypt(token)?.plaintext).toEqual(Buffer.from(bytes));
      expect(createFernet([OTHER]).decrypt(token)).toBeNull();
    }),
  );
});

test('a token that was changed anywhere, or is spelled otherwise, is refused', () => {
  const fernet = createFernet([KEY]);
  const bytes = Buffer.from(HELLO, 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(fernet.decrypt(`${changed.toString('base64url')}==`), `byte ${at}`).toBeNull();
  }
  const spelled = [
    '',
    HELLO.slice(0, -2),
    HELLO.slice(0, -1),
    `${HELLO}=`,
    ` ${HELLO}`,
    `${HELLO}\n`,
    HELLO.replaceAll('_', '/'),
    HELLO.replace('DA==', 'DB=='),
    HELLO.slice(0, 60),
    'é'.repeat(100),
  ];
  for (const token of spelled) expect(fernet.decrypt(token), token).toBeNull();
});

test('a signature over something that is no ciphertext does not make it one', () => {
  const fernet = createFernet([KEY]);
  const iv = Buffer.alloc(16);
  for (const length of [0, 1, 15, 16, 17, 32]) {
    expect(fernet.decrypt(signed(KEY, iv, Buffer.alloc(length, 5))), `${length}`).toBeNull();
  }
  const bytes = Buffer.from(HELLO, 'base64url');
  expect(fernet.decrypt(signed(KEY, bytes.subarray(9, 25), bytes.subarray(25, -32)))).not.toBeNull();
  expect(fernet.decrypt(signed(KEY, bytes.subarray(9, 25), bytes.subarray(25, -32), 0x81))).toBeNull();
});

test('without a key of 32 bytes there is nothing', () => {
  expect(() => createFernet([])).toThrow(RangeError);
  expect(() => createFernet([KEY, KEY.subarray(1)])).toThrow(RangeError);
});
