import { expect, test } from 'vitest';
import { traceIdOf } from './received.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

test.each([
  [`00-${TRACE}-${PARENT}-01`, TRACE],
  [`00-${TRACE}-${PARENT}-00`, TRACE],
  [`01-${TRACE}-${PARENT}-01-later`, TRACE],
  [`00-${TRACE}-${PARENT}-01-later`, undefined],
  [`ff-${TRACE}-${PARENT}-01`, undefined],
  [`00-${'0'.repeat(32)}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${PARENT}`, undefined],
  ['', undefined],
  [undefined, undefined],
])('the trace of %s is %s', (header, traceId) => {
  expect(traceIdOf(header)).toBe(traceId);
});
