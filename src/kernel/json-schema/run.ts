import { formatPath, type PathStep } from '../json-path.ts';
import type { JsonValue } from '../strict-json.ts';
import type { Format } from './formats/formats.ts';
import { COST, SCHEMA_LIMITS } from './limits.ts';
import type { LinearPattern } from './linear-pattern.ts';

/** One thing wrong with a payload: where, and what was asked for. Never the value itself. */
export type SchemaError = { readonly path: string; readonly message: string };

/**
 * One assertion or applicator of a compiled schema. Returns whether `value` holds, reports why not to `run`,
 * and notes in `seen`, when there is one, which members and items it has taken care of.
 */
export type Check = (value: JsonValue, run: Run, seen: Seen | null) => boolean;

/** Thrown by {@link Run.spend} and caught where the run was started. */
export class OutOfWork extends Error {}

/** The state of one validation: where it is, what it has found, how much more work it may do. */
export class Run {
  readonly errors: SchemaError[] = [];
  private readonly path: PathStep[] = [];
  private work: number = SCHEMA_LIMITS.work;
  private depth = 0;
  /** Set inside `anyOf`, `not`, `if` and the like, where a failure is an answer and not an error. */
  private quiet = false;

  /** Accounts for work before it is done. */
  spend(units: number): void {
    this.work -= units;
    if (this.work < 0) throw new OutOfWork();
  }

  /** Accounts for one schema inside others, as deep as the stack is sure to take. */
  enter(): void {
    if (++this.depth > SCHEMA_LIMITS.maxRecursion) throw new OutOfWork();
  }

  leave(): void {
    this.depth--;
  }

  /** Reports that the value at the current place does not hold. */
  fail(message: string): false {
    if (!this.quiet && this.errors.length < SCHEMA_LIMITS.maxErrors) {
      this.errors.push({ path: formatPath(this.path), message });
    }
    return false;
  }

  /** Whether looking further after a failure would find nothing that is reported. */
  get settled(): boolean {
    return this.quiet || this.errors.length >= SCHEMA_LIMITS.maxErrors;
  }

  get reporting(): boolean {
    return !this.quiet;
  }

  /** Runs a check on a member or item. */
  at(step: PathStep, check: Check, value: JsonValue): boolean {
    this.path.push(step);
    const holds = check(value, this, null);
    this.path.pop();
    return holds;
  }

  /** Runs a check whose failure is not an error. */
  quietly(check: Check, value: JsonValue, seen: Seen | null): boolean {
    const before = this.quiet;
    this.quiet = true;
    const holds = check(value, this, seen);
    this.quiet = before;
    return holds;
  }

  matches(pattern: LinearPattern, text: string): boolean {
    this.spend(COST.pattern + COST.patternStep * text.length * pattern.size);
    return pattern.test(text);
  }

  has(format: Format, text: string): boolean {
    this.spend(COST.pattern + text.length * (format.weight?.(text) ?? 1));
    return format.holds(text);
  }
}

/** Which members and items some subschema has evaluated, for `unevaluatedProperties` and `unevaluatedItems`. */
export class Seen {
  private readonly members = new Set<string>();
  private readonly items = new Set<number>();
  private everyMember = false;
  private itemsBelow = 0;

  hasMember(key: string): boolean {
    return this.everyMember || this.members.has(key);
  }

  hasItem(index: number): boolean {
    return index < this.itemsBelow || this.items.has(index);
  }

  addMember(key: string): void {
    this.members.add(key);
  }

  addItem(index: number): void {
    this.items.add(index);
  }

  addEveryMember(): void {
    this.everyMember = true;
  }

  /** Notes all items before `count`. */
  addItemsBelow(count: number): void {
    this.itemsBelow = Math.max(this.itemsBelow, count);
  }

  merge(other: Seen, run: Run): void {
    run.spend(COST.member * (other.members.size + other.items.size));
    for (const key of other.members) this.members.add(key);
    for (const index of other.items) this.items.add(index);
    this.everyMember ||= other.everyMember;
    this.addItemsBelow(other.itemsBelow);
  }
}
