const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

/** Where a string, with its quotes, or a number stands in a JSON text. */
export type Scalar = { readonly from: number; readonly to: number; readonly isText: boolean };

/** The strings and numbers of a valid JSON text in UTF-8, names of members among them. */
export function* scalarsOf(json: Buffer): Generator<Scalar> {
  for (let at = 0; at < json.length; ) {
    const byte = json[at]!;
    const isText = byte === QUOTE;
    if (!isText && byte !== MINUS && !isDigit(byte)) {
      at += 1;
      continue;
    }
    const to = isText ? endOfString(json, at) : endOfNumber(json, at);
    yield { from: at, to, isText };
    at = to;
  }
}

/** What a string says that stands there, in UTF-8. */
export function textAt(json: Buffer, from: number, to: number): Buffer {
  const inside = json.subarray(from + 1, to - 1);
  return inside.includes(BACKSLASH) ? Buffer.from(JSON.parse(json.toString('utf8', from, to))) : inside;
}

function endOfString(json: Buffer, at: number): number {
  let end = at + 1;
  while (json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end + 1;
}

function endOfNumber(json: Buffer, at: number): number {
  let end = at + 1;
  while (end < json.length && (isDigit(json[end]!) || '.eE+-'.includes(String.fromCharCode(json[end]!)))) end += 1;
  return end;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
