import { expect, test } from 'vitest';
import { z } from 'zod';
import { newId } from './ids.ts';
import { pageOf, pageQuery } from './page.ts';

const query = z.strictObject(pageQuery('icl'));
const view = (id: string) => ({ id });
const TOTAL = { count: 3, exact: true };

test('a list gives 25 items unless asked for 1 to 100', () => {
  expect(query.parse({}).limit).toBe(25);
  expect(query.parse({ limit: '100' }).limit).toBe(100);
  for (const limit of ['0', '101', '1.5', 'x', '-1', '']) expect(query.safeParse({ limit }).success).toBe(false);
});

test('a cursor is an id of the kind that the list holds', () => {
  expect(query.safeParse({ cursor: newId('icl') }).success).toBe(true);
  expect(query.safeParse({ cursor: newId('tok') }).success).toBe(false);
  expect(query.safeParse({ cursor: "icl_' or 1=1" }).success).toBe(false);
});

test('the next cursor is the last id shown, and null on the last page', () => {
  expect(pageOf(['c', 'b', 'a'], 2, view, TOTAL)).toEqual({
    items: [{ id: 'c' }, { id: 'b' }],
    next_cursor: 'b',
    total: TOTAL,
  });
  expect(pageOf(['c', 'b'], 2, view, null).next_cursor).toBeNull();
  expect(pageOf([], 2, view, null)).toEqual({ items: [], next_cursor: null, total: null });
});
