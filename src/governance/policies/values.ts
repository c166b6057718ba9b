import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/**
 * What a condition's functions do where the library's own are looser than a rule may be: a text that is no number is no
 * number, a pattern is matched in linear time, and an hour is one of a named time zone. What they throw names no value.
 */

/** A condition could not be evaluated; the message is safe to show and to keep. */
export class RuleFault extends Error {}

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);
/** A number as JSON writes it (RFC 8259, section 6). */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** RFC 3339, with its offset: without one it would be a time of wherever this runs. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

/** `int(x)`: a double is cut off toward zero. */
export function intOf(value: bigint | number | string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    if (!/^-?\d{1,19}$/.test(value)) throw new RuleFault('int() of a text that is no whole number');
    return within(BigInt(value));
  }
  if (!Number.isFinite(value)) throw new RuleFault('int() of a number that is not finite');
  return within(BigInt(Math.trunc(value)));
}

function within(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new RuleFault('int() of a number beyond 64 bits');
  return value;
}

/** `double(x)`: of a text, the number it says as JSON would say it. */
export function doubleOf(value: bigint | number | string): number {
  if (typeof value === 'string' && (value.length > 40 || !JSON_NUMBER.test(value))) {
    throw new RuleFault('double() of a text that is no number');
  }
  const number = Number(value);
  if (!Number.isFinite(number)) throw new RuleFault('double() of a number that is not finite');
  return number;
}

/** `timestamp(x)` */
export function timestampOf(text: string): Date {
  const at = RFC_3339.test(text) ? new Date(text) : undefined;
  if (at === undefined || Number.isNaN(at.getTime())) {
    throw new RuleFault('timestamp() of a text that is no time with its offset, such as 2026-01-31T09:00:00Z');
  }
  return at;
}

/** `lowerAscii()` and `upperAscii()` change nothing but A to Z. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
export const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());

const PATTERNS_MAX = 1_000;
const PATTERN_SIZE_MAX = 500;
const AUTOMATON_BYTES = 131_072;
const patterns = new Map<string, RE2JS>();

/** A pattern in the syntax of RE2, which takes linear time. It is made once, and forgotten in the order it came. */
function patternOf(source: string): RE2JS {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const pattern = RE2JS.compile(source);
  if (pattern.programSize() > PATTERN_SIZE_MAX) throw new RuleFault('the pattern is too large once compiled');
  const { dfa } = pattern.re2();
  dfa.stateBudget = AUTOMATON_BYTES;
  dfa.memBudget = AUTOMATON_BYTES;
  if (patterns.size >= PATTERNS_MAX) patterns.delete(patterns.keys().next().value!);
  patterns.set(source, pattern);
  return pattern;
}

/** `x.matches(pattern)`: whether the pattern matches anywhere in the text. */
export const matches = (text: string, pattern: string): boolean => patternOf(pattern).test(text);

/** How many instructions a pattern has, or what is wrong with it. */
export function patternSize(source: string): number | string {
  try {
    return patternOf(source).programSize();
  } catch (fault) {
    return fault instanceof Error ? fault.message.replace(/^error parsing regexp: /, '') : 'not a pattern of RE2';
  }
}

/** There are some 600 names of zones. */
const ZONES_MAX = 1_000;
const zones = new LRUCache<string, Intl.DateTimeFormat>({ max: ZONES_MAX });

/** Names of zones are the same in capital and small letters: however one is written, it is kept once. */
function zoneOf(name: string): Intl.DateTimeFormat {
  const key = name.toLowerCase();
  let zone = zones.get(key);
  if (zone === undefined) {
    zone = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zones.set(key, zone);
  }
  return zone;
}

/** Whether a time zone is called so (IANA). */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+){0,2}$/.test(name)) return false;
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How many zones are kept at the moment. */
export const zonesKept = (): number => zones.size;

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** One part of a time as clocks in a zone show it. CEL counts months, days of the month and weekdays (Sunday) from 0. */
export function inZone(part: 'year' | 'month' | 'day' | 'date' | 'weekday' | 'hour' | 'minute' | 'second') {
  const type = part === 'date' ? 'day' : part;
  return (at: Date, name: string): bigint => {
    const text = zoneOf(name)
      .formatToParts(at)
      .find((one) => one.type === type)!.value;
    if (part === 'weekday') return BigInt(WEEKDAYS.indexOf(text));
    return BigInt(text) - (part === 'month' || part === 'day' ? 1n : 0n);
  };
}
