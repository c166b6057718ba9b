import type { JsonFault } from './json-fault.ts';
import { formatPath, type PathStep } from './json-path.ts';
import type { JsonValue } from './json-value.ts';

/** What a document may have; `strict` says whether what I-JSON (RFC 7493) forbids is a fault. */
export type ReaderRules = {
  readonly maxDepth: number;
  readonly maxValues: number;
  readonly maxNames: number;
  readonly strict: boolean;
};

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const SIMPLE_ESCAPES = '"\\/bfnrt';
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
/** As many digits as a sum of them stays exact with. */
const EXACT_DIGITS = 15;

type Members = { [key: string]: JsonValue };

/**
 * Reads a JSON text (RFC 8259) and builds its value, or says what is wrong and where. One reader decides what is
 * accepted and makes what is read, so that the two cannot differ. It does not ask `JSON.parse` for objects: in V8 up to
 * at least 14.6, that gives the wrong name to a member whose name has an escape, once any document had a member with
 * a backslash in its name (`{"a":1,"\n":2}` is read as `{"a":1,"\\":2}`; V8 bug 521080746).
 *
 * Linear in the length of the text; recursion is bounded by `maxDepth` (arrays and objects, root included).
 */
export class JsonReader {
  private readonly text: string;
  private readonly rules: ReaderRules;
  private readonly wellFormed: boolean;
  /** Names are counted only where there is room for too many: each takes five characters (`"a":0`) and a comma. */
  private readonly names: Set<string> | null;
  private at = 0;
  private values = 0;
  private reason: string | null = null;
  private ofTheWhole = false;
  /** From the fault outwards. */
  private readonly steps: PathStep[] = [];

  constructor(text: string, rules: ReaderRules) {
    this.text = text;
    this.rules = rules;
    this.wellFormed = text.isWellFormed();
    this.names = text.length > 6 * rules.maxNames ? new Set() : null;
  }

  /** The whole text as one value, frozen when the rules are strict; undefined when there is a fault. */
  document(): JsonValue | undefined {
    if (this.text.charCodeAt(0) === 0xfeff) return this.refuse('starts with a byte order mark');
    this.space();
    const value = this.value(0);
    if (value === undefined) return undefined;
    this.space();
    return this.at === this.text.length ? value : this.unexpected();
  }

  /** What {@link document} found wrong. */
  get fault(): JsonFault {
    return { path: formatPath(this.steps.toReversed()), reason: this.reason ?? 'not acceptable' };
  }

  private value(depth: number): JsonValue | undefined {
    if (++this.values > this.rules.maxValues) return this.tooMany(`${this.rules.maxValues} values`);
    const first = this.text.charCodeAt(this.at);
    switch (first) {
      case QUOTE:
        return this.string();
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (!(depth < this.rules.maxDepth)) return this.refuse(`nested deeper than ${this.rules.maxDepth} levels`);
        return first === OPEN_OBJECT ? this.object(depth + 1) : this.array(depth + 1);
      case 0x74:
        return this.literal('true', true);
      case 0x66:
        return this.literal('false', false);
      case 0x6e:
        return this.literal('null', null);
      default:
        return this.number(first);
    }
  }

  private object(depth: number): JsonValue | undefined {
    const { strict } = this.rules;
    const members: Members = {};
    this.at++;
    this.space();
    if (!this.take(CLOSE_OBJECT)) {
      do {
        this.space();
        if (this.text.charCodeAt(this.at) !== QUOTE) return this.unexpected();
        const key = this.string();
        if (key === undefined) return undefined;
        if (strict && key === '__proto__') return this.within(key, this.refuse('the key "__proto__" is not allowed'));
        if (strict && Object.hasOwn(members, key)) return this.within(key, this.refuse('duplicate key'));
        if (this.names !== null && this.names.add(key).size > this.rules.maxNames) {
          return this.tooMany(`${this.rules.maxNames} different names of members`);
        }
        this.space();
        if (!this.take(COLON)) return this.within(key, this.unexpected());
        this.space();
        const value = this.value(depth);
        if (value === undefined) return this.within(key, undefined);
        if (key !== '__proto__') members[key] = value;
        else Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
        this.space();
      } while (this.take(COMMA));
      if (!this.take(CLOSE_OBJECT)) return this.unexpected();
    }
    return strict ? Object.freeze(members) : members;
  }

  private array(depth: number): JsonValue | undefined {
    const elements: JsonValue[] = [];
    this.at++;
    this.space();
    if (!this.take(CLOSE_ARRAY)) {
      do {
        this.space();
        const value = this.value(depth);
        if (value === undefined) return this.within(elements.length, undefined);
        elements.push(value);
        this.space();
      } while (this.take(COMMA));
      if (!this.take(CLOSE_ARRAY)) return this.unexpected();
    }
    return this.rules.strict ? Object.freeze(elements) : elements;
  }

  private literal<T extends JsonValue>(word: string, value: T): T | undefined {
    if (!this.text.startsWith(word, this.at)) return this.unexpected();
    this.at += word.length;
    return value;
  }

  private number(first: number): number | undefined {
    const { text } = this;
    const start = this.at;
    const negative = first === MINUS;
    let at = negative ? start + 1 : start;
    const whole = at;
    let unit = text.charCodeAt(at);
    let sum = 0;
    for (; unit >= ZERO && unit <= NINE; unit = text.charCodeAt(++at)) sum = sum * 10 + unit - ZERO;
    if (at === whole) return this.unexpected();
    // A zero ends the whole part, so that what follows it is read as what follows the number.
    if (text.charCodeAt(whole) === ZERO && at > whole + 1) {
      this.at = whole + 1;
      return 0;
    }
    if (unit !== POINT && (unit | 0x20) !== 0x65 && at - whole <= EXACT_DIGITS) {
      this.at = at;
      // RFC 8785 writes -0 as 0.
      return negative && !(sum === 0 && this.rules.strict) ? -sum : sum;
    }
    if (unit === POINT) at = this.digits(at + 1) ?? at;
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      const sign = text.charCodeAt(at + 1);
      at = this.digits(sign === PLUS || sign === MINUS ? at + 2 : at + 1) ?? at;
    }
    const value = Number(text.slice(start, at));
    if (this.rules.strict) {
      if (!Number.isFinite(value)) return this.refuse('the number is not finite');
      // Every double beyond 2^53−1 is an integer, so this one bound covers fractions, too.
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return this.refuse('the integer is outside ±(2^53−1)');
    }
    this.at = at;
    return value === 0 && this.rules.strict ? 0 : value;
  }

  /** Where the digits that start here end; undefined when there are none. */
  private digits(from: number): number | undefined {
    let at = from;
    for (let unit = this.text.charCodeAt(at); unit >= ZERO && unit <= NINE; unit = this.text.charCodeAt(at)) at++;
    return at === from ? undefined : at;
  }

  /** Reads the string that starts here; returns what it stands for. */
  private string(): string | undefined {
    const { text } = this;
    const start = this.at;
    let escaped = false;
    let surrogates = this.rules.strict && !this.wellFormed;
    for (let at = start + 1; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.at = at + 1;
        if (!escaped && !surrogates) return text.slice(start + 1, at);
        const raw = text.slice(start, at + 1);
        // Every escape has been checked by now, so the decoder cannot throw.
        const value = escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
        // Half a pair as it is and half as an escape are no pair either.
        const isWhole = !surrogates || (raw.isWellFormed() && value.isWellFormed());
        return isWhole ? value : this.refuse('lone surrogate in a string');
      }
      if (unit === BACKSLASH) {
        escaped = true;
        const letter = text[++at];
        if (letter === 'u') {
          FOUR_HEX.lastIndex = at + 1;
          if (!FOUR_HEX.test(text)) return this.refuse('unknown escape in a string');
          surrogates ||= this.rules.strict && (text.charCodeAt(at + 1) | 0x20) === 0x64;
          at += 4;
        } else if (letter === undefined || !SIMPLE_ESCAPES.includes(letter)) {
          return this.refuse('unknown escape in a string');
        }
      } else if (unit < 0x20) return this.refuse('unescaped control character in a string');
      else if (Number.isNaN(unit)) return this.refuse('the text ends inside a string');
    }
  }

  private space(): void {
    const { text } = this;
    let { at } = this;
    for (; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x20 || (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09)) break;
    }
    this.at = at;
  }

  private take(unit: number): boolean {
    if (this.text.charCodeAt(this.at) !== unit) return false;
    this.at++;
    return true;
  }

  private unexpected(): undefined {
    const ended = this.at >= this.text.length;
    return this.refuse(ended ? 'the text ends too early' : `not JSON at character ${this.at}`);
  }

  private refuse(reason: string): undefined {
    this.reason ??= reason;
    return undefined;
  }

  /** Too much is a fault of the whole document, wherever the reading stopped. */
  private tooMany(what: string): undefined {
    this.ofTheWhole = true;
    return this.refuse(`more than ${what}`);
  }

  /** Notes on the way out of a fault where it was. */
  private within(step: PathStep, _fault: undefined): undefined {
    if (!this.ofTheWhole) this.steps.push(step);
    return undefined;
  }
}
