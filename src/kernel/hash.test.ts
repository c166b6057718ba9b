import { expect, test } from 'vitest';
import { sha256Hex } from './hash.ts';

test('SHA-256 of the FIPS 180-4 examples, as text and as bytes', () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256Hex('abc')).toBe(abc);
  expect(sha256Hex(Buffer.from('abc'))).toBe(abc);
});

test('a text is hashed as UTF-8', () => {
  expect(sha256Hex('é€😀')).toBe(sha256Hex(Buffer.from('é€😀', 'utf8')));
});
