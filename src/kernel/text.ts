import { z } from 'zod';

/**
 * Text that people type and other people read: names, reasons, descriptions. Control characters and bidi
 * overrides are refused, because they make a text look like another one; so are line separators in a line.
 */
const HIDDEN = '\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff';
const NOT_IN_LINE = new RegExp(`[\\p{Cc}${HIDDEN}]`, 'u');
const NOT_IN_PROSE = new RegExp(`[${HIDDEN}]|(?![\\n\\t])\\p{Cc}`, 'u');

const textUpTo = (maxLength: number) =>
  z.string({ error: 'write a text' }).trim().max(maxLength, `at most ${maxLength} characters`);
const complaint = 'leave out control characters and text direction marks';

/** One line, not empty, at most `maxLength` UTF-16 units. */
export function line(maxLength: number) {
  return textUpTo(maxLength)
    .min(1, 'must not be empty')
    .refine((text) => !NOT_IN_LINE.test(text), { error: complaint });
}

/** Any number of lines, at most `maxLength` UTF-16 units in all. */
export function prose(maxLength: number) {
  return textUpTo(maxLength).refine((text) => !NOT_IN_PROSE.test(text), { error: complaint });
}

/** Whether some text or key inside holds the character U+0000, which PostgreSQL cannot store. */
export function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => key.includes('\0') || holdsNul(item));
}
