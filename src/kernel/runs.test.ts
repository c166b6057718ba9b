import { expect, test } from 'vitest';
import { isOnBehalfOf, isRunId } from './runs.ts';

test.each([
  ['conversation:42', true],
  ['~!@#$%^&*()', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['', false],
  ['two words', false],
  ['tab\t', false],
  ['line\n', false],
  ['ä', false],
  [7, false],
  [null, false],
])('the id of a run: %j is one: %s', (value, expected) => expect(isRunId(value)).toBe(expected));

test.each([
  ['Ada Lovelace', true],
  ['usr_01h455vb4pex5vsknk084sn02q', true],
  ['Zoë Ångström', true],
  ['x'.repeat(256), true],
  ['x'.repeat(257), false],
  ['', false],
  ['two\nlines', false],
  ['two\u2028lines', false],
  ['turned \u202e round', false],
  ['hidden \u200b', false],
  ['half \ud83d', false],
  [{}, false],
])('whom a call is made for: %j is acceptable: %s', (value, expected) => expect(isOnBehalfOf(value)).toBe(expected));
