/** Bytes as somebody would read them after undoing one encoding, and where each of them stands in the original. */
export type View = { readonly bytes: Buffer; readonly starts: Uint32Array };

/** What stands at a place in another spelling: the bytes it means, and how many bytes of the text spell it. */
type Spelled = { readonly means: readonly number[]; readonly length: number };
type Reading = (bytes: Buffer, at: number) => Spelled | null;

/** The bytes as they are. */
export function plainView(bytes: Buffer): View {
  const starts = new Uint32Array(bytes.length + 1);
  for (let at = 0; at <= bytes.length; at += 1) starts[at] = at;
  return { bytes, starts };
}

/** The view with one more encoding undone, or null where there is nothing of it. Nothing is longer read than spelled. */
function undone({ bytes, starts }: View, mark: number, read: Reading): View | null {
  if (!bytes.includes(mark)) return null;
  const plain = Buffer.allocUnsafe(bytes.length);
  const from = new Uint32Array(bytes.length + 1);
  let length = 0;
  let changed = false;
  for (let at = 0; at < bytes.length; ) {
    const spelled = bytes[at] === mark ? read(bytes, at) : null;
    if (spelled === null) {
      from[length] = starts[at]!;
      plain[length] = bytes[at]!;
      length += 1;
      at += 1;
      continue;
    }
    changed = true;
    for (const byte of spelled.means) {
      from[length] = starts[at]!;
      plain[length] = byte;
      length += 1;
    }
    at += spelled.length;
  }
  from[length] = starts[bytes.length]!;
  return changed ? { bytes: plain.subarray(0, length), starts: from } : null;
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;

/** `%41` in upper or lower case, needed or not. */
export function withoutPercents(view: View): View | null {
  return undone(view, PERCENT, (bytes, at) => {
    const byte = hexAt(bytes, at + 1, 2);
    return byte === null ? null : { means: [byte], length: 3 };
  });
}

/** `+` for a space, as in forms. */
export function withoutPluses(view: View): View | null {
  return undone(view, PLUS, () => ({ means: [0x20], length: 1 }));
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The escapes of a JSON text, as they stand inside a string. */
export function withoutEscapes(view: View): View | null {
  return undone(view, BACKSLASH, (bytes, at) => {
    const kind = String.fromCharCode(bytes[at + 1] ?? 0);
    if (kind === '"' || kind === '\\' || kind === '/' || kind === "'") return { means: [bytes[at + 1]!], length: 2 };
    const control = ESCAPES[kind];
    if (control !== undefined) return { means: [control.charCodeAt(0)], length: 2 };
    const high = kind === 'u' ? hexAt(bytes, at + 2, 4) : null;
    if (high === null) return null;
    const follows = high >= 0xd800 && high < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === 0x75;
    const low = follows ? hexAt(bytes, at + 8, 4) : null;
    const text = low === null ? String.fromCharCode(high) : String.fromCharCode(high, low);
    return { means: [...Buffer.from(text)], length: low === null ? 6 : 12 };
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The entities of HTML that a page writes a text with. */
export function withoutEntities(view: View): View | null {
  return undone(view, AMPERSAND, (bytes, at) => {
    const [whole, name, hex, decimal] =
      /^&(?:(amp|lt|gt|quot|apos)|#x([0-9a-f]{1,5})|#(\d{1,6}));/i.exec(bytes.toString('latin1', at, at + 10)) ?? [];
    if (whole === undefined) return null;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const text = name === undefined ? String.fromCodePoint(Math.min(code, 0x10ffff)) : ENTITIES[name.toLowerCase()]!;
    return { means: [...Buffer.from(text)], length: whole.length };
  });
}

function hexAt(bytes: Buffer, at: number, length: number): number | null {
  const text = bytes.toString('latin1', at, at + length);
  return text.length === length && /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : null;
}
