/** A spelling of a value, as bytes, and how far what stands beside it belongs to it, too. */
export type Spelling = {
  readonly bytes: Buffer;
  /** Whether the character before and the one behind are made of the value's own bits, and of others. */
  readonly sharesBefore: boolean;
  readonly sharesBehind: boolean;
};

/**
 * The value itself, and what it is inside of base64 and base64url, however many bytes stand before it: what the bytes
 * before and behind it do not change. Other encodings are undone before these are looked for.
 */
export function spellingsOf(value: string): readonly Spelling[] {
  const plain = Buffer.from(value);
  const spellings: Spelling[] = [{ bytes: plain, sharesBefore: false, sharesBehind: false }];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), plain]).toString('base64');
    const bits = 8 * (before + plain.length);
    const own = text.slice(Math.ceil((8 * before) / 6), Math.floor(bits / 6));
    for (const spelled of new Set([own, own.replaceAll('+', '-').replaceAll('/', '_')])) {
      spellings.push({ bytes: Buffer.from(spelled), sharesBefore: before > 0, sharesBehind: bits % 6 > 0 });
    }
  }
  return spellings;
}

/** Whether a byte is a digit of base64 or base64url, or its padding. */
export function isBase64(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9+/_=-]/.test(String.fromCharCode(byte));
}
