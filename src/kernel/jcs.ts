/** No document of ours nests this deep (the wire allows 64), so going deeper means a cycle. */
const MAX_DEPTH = 512;

/**
 * Writes the canonical JSON text of a value (RFC 8785, JCS): members sorted by UTF-16 code units, numbers and
 * strings as ECMAScript prints them, no white space. Equal values give equal texts.
 *
 * @throws TypeError for what JSON has no text for: undefined, functions, symbols, bigints, NaN and infinities,
 * lone surrogates, sparse arrays, objects with another prototype than `Object.prototype` or null, and cycles.
 */
export function canonicalize(value: unknown): string {
  const found: Findings = { indexKeys: false };
  const ordered = order(value, MAX_DEPTH, found);
  const text = found.indexKeys ? write(ordered) : JSON.stringify(ordered);
  // JSON.stringify writes a lone surrogate as an escape, which appears nowhere else in canonical text, except
  // where a string holds a backslash before "ud"; the exact check tells the two apart.
  if (text.includes('\\ud')) requireWellFormed(ordered);
  return text;
}

/** {@link canonicalize} as UTF-8. */
export function canonicalBytesOf(value: unknown): Buffer {
  return Buffer.from(canonicalize(value));
}

/** The canonical text of one string, quotes included. */
export function canonicalizeString(text: string): string {
  if (isPlain(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('lone surrogate in a string');
  return JSON.stringify(text);
}

/** Up to this length looking at each character costs less than asking the engine. */
const SHORT = 48;

/** Whether a text is short and of characters that stand for themselves. */
function isPlain(text: string): boolean {
  if (text.length > SHORT) return false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}

type Tree = { [key: string]: unknown };
type Findings = { indexKeys: boolean };

/** Returns a copy whose members enumerate in canonical order. Sharing what is in order already costs more than it saves. */
function order(value: unknown, room: number, found: Findings): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON text`);
      return value;
    case 'object':
      if (value === null) return value;
      if (room === 0) throw new TypeError('the value is cyclic or nested too deep');
      return Array.isArray(value) ? orderElements(value, room - 1, found) : orderMembers(value, room - 1, found);
    default:
      throw new TypeError(`a value of type ${typeof value} has no JSON text`);
  }
}

function orderElements(elements: readonly unknown[], room: number, found: Findings): unknown[] {
  const copy: unknown[] = [];
  // By index, because that also comes upon the holes of a sparse array.
  for (let index = 0; index < elements.length; index++) copy.push(order(elements[index], room, found));
  return copy;
}

function orderMembers(value: object, room: number, found: Findings): Tree {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects have a JSON text');
  const members = value as Tree;
  const keys = Object.keys(members);
  if (!inOrder(keys, found)) sort(keys);
  const copy: Tree = {};
  for (const key of keys) set(copy, key, order(members[key], room, found));
  return copy;
}

/** Whether keys are sorted by UTF-16 code units; also notes keys that objects enumerate out of turn. */
function inOrder(keys: readonly string[], found: Findings): boolean {
  let sorted = true;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string;
    const first = key.charCodeAt(0);
    // Engines enumerate array-index keys by number and before all others, wherever they were inserted.
    if (first >= 0x30 && first <= 0x39) found.indexKeys = true;
    if (index > 0 && (keys[index - 1] as string) > key) sorted = false;
  }
  return sorted;
}

/** Most objects have a few members, and for those the engine's own sort costs more than the sorting. */
const FEW = 16;

function sort(keys: string[]): void {
  if (keys.length > FEW) {
    keys.sort();
    return;
  }
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as string;
    let at = index;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
}

function set(target: Tree, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Writes an ordered tree whose objects may have array-index keys, sorting each object's keys once more. */
function write(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  const members = value as Tree;
  const keys = Object.keys(members).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${write(members[key])}`).join(',')}}`;
}

function requireWellFormed(value: unknown): void {
  if (typeof value === 'string') canonicalizeString(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    canonicalizeString(key);
    requireWellFormed(member);
  }
}
