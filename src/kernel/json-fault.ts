import { formatPath, type PathStep } from './json-path.ts';

/** Why a document is refused, and where: a JSON path and a short English reason without values. */
export type JsonFault = { readonly path: string; readonly reason: string };

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
const SIMPLE_ESCAPES = '"\\/bfnrt';
const LITERALS = ['true', 'false', 'null'] as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a text by the rules of RFC 8259 and I-JSON (RFC 7493) and names the first fault, or null when there
 * is none. It builds no value and costs a few times `JSON.parse`, so it runs only on what is to be refused.
 *
 * Linear in the length of the text; recursion is bounded by `maxDepth` (arrays and objects, root included).
 */
export function findJsonFault(text: string, maxDepth: number): JsonFault | null {
  if (text.charCodeAt(0) === 0xfeff) return { path: '$', reason: 'starts with a byte order mark' };
  const scanner = new Scanner(text, maxDepth);
  scanner.document();
  return scanner.fault;
}

/** A recursive descent over the text. Every method returns false once `fault` is set. */
class Scanner {
  fault: JsonFault | null = null;
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly path: PathStep[] = [];
  private at = 0;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
  }

  document(): boolean {
    this.space();
    if (!this.value(0)) return false;
    this.space();
    return this.at === this.text.length || this.unexpected();
  }

  private value(depth: number): boolean {
    const first = this.text[this.at];
    if (first === '"') return this.string() !== null;
    if (first === '{' || first === '[') {
      if (depth >= this.maxDepth) return this.refuse(`nested deeper than ${this.maxDepth} levels`);
      return first === '{' ? this.object(depth + 1) : this.array(depth + 1);
    }
    const literal = LITERALS.find((word) => this.text.startsWith(word, this.at));
    if (literal === undefined) return this.number();
    this.at += literal.length;
    return true;
  }

  private object(depth: number): boolean {
    const keys = new Set<string>();
    this.at++;
    this.space();
    if (this.take('}')) return true;
    do {
      this.space();
      if (this.text[this.at] !== '"') return this.unexpected();
      const key = this.string();
      if (key === null) return false;
      this.path.push(key);
      if (keys.has(key)) return this.refuse('duplicate key');
      if (key === '__proto__') return this.refuse('the key "__proto__" is not allowed');
      keys.add(key);
      this.space();
      if (!this.take(':')) return this.unexpected();
      this.space();
      if (!this.value(depth)) return false;
      this.path.pop();
      this.space();
    } while (this.take(','));
    return this.take('}') || this.unexpected();
  }

  private array(depth: number): boolean {
    this.at++;
    this.space();
    if (this.take(']')) return true;
    let index = 0;
    do {
      this.path.push(index++);
      this.space();
      if (!this.value(depth)) return false;
      this.path.pop();
      this.space();
    } while (this.take(','));
    return this.take(']') || this.unexpected();
  }

  private number(): boolean {
    NUMBER.lastIndex = this.at;
    const literal = NUMBER.exec(this.text)?.[0];
    if (literal === undefined) return this.unexpected();
    const value = Math.abs(Number(literal));
    if (value === Number.POSITIVE_INFINITY) return this.refuse('the number is not finite');
    if (value > Number.MAX_SAFE_INTEGER) return this.refuse('the integer is outside ±(2^53−1)');
    this.at += literal.length;
    return true;
  }

  /** Reads the string that starts here; returns what it stands for, or null after a fault. */
  private string(): string | null {
    const start = this.at;
    this.at++;
    for (let escaped = false; ; ) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === QUOTE) {
        this.at++;
        const raw = this.text.slice(start, this.at);
        // Every escape has been checked by now, so the decoder cannot throw.
        return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
      }
      if (unit === BACKSLASH) {
        escaped = true;
        if (!this.escape()) return null;
      } else if (Number.isNaN(unit)) {
        this.refuse('the text ends inside a string');
        return null;
      } else if (unit < 0x20) {
        this.refuse('unescaped control character in a string');
        return null;
      } else if (!this.rawUnit(unit)) return null;
    }
  }

  private rawUnit(unit: number): boolean {
    const width = isHigh(unit) && isLow(this.text.charCodeAt(this.at + 1)) ? 2 : 1;
    if (width === 1 && (isHigh(unit) || isLow(unit))) return this.refuse('lone surrogate in a string');
    this.at += width;
    return true;
  }

  private escape(): boolean {
    const letter = this.text[this.at + 1];
    if (letter !== 'u') {
      if (letter === undefined || !SIMPLE_ESCAPES.includes(letter)) return this.refuse('unknown escape in a string');
      this.at += 2;
      return true;
    }
    const unit = this.escapedUnit();
    if (unit === null) return this.refuse('unknown escape in a string');
    if (isLow(unit)) return this.refuse('lone surrogate in a string');
    if (!isHigh(unit)) return true;
    const next = this.text.startsWith('\\u', this.at) ? this.escapedUnit() : null;
    return (next !== null && isLow(next)) || this.refuse('lone surrogate in a string');
  }

  /** Reads `\uXXXX` and moves past it. */
  private escapedUnit(): number | null {
    FOUR_HEX.lastIndex = this.at + 2;
    const digits = FOUR_HEX.exec(this.text)?.[0];
    if (digits === undefined) return null;
    this.at += 6;
    return Number.parseInt(digits, 16);
  }

  private space(): void {
    for (; ; this.at++) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private unexpected(): false {
    const ended = this.at >= this.text.length;
    return this.refuse(ended ? 'the text ends too early' : `not JSON at character ${this.at}`);
  }

  private refuse(reason: string): false {
    this.fault ??= { path: formatPath(this.path), reason };
    return false;
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
