import { expect, test } from 'vitest';
import { StrangersBudget } from './strangers.ts';

test('no more is set aside than there is, for one network or all, and what is given back can be taken again', () => {
  const budget = new StrangersBudget(100, 60);
  const first = budget.take('a', 50)!;
  expect(budget.take('a', 20)).toBeUndefined();
  const second = budget.take('b', 50)!;
  expect(budget.take('c', 1)).toBeUndefined();
  first();
  first();
  expect(budget.take('c', 50)).toBeDefined();
  expect(budget.take('a', 1)).toBeUndefined();
  second();
  expect(budget.take('a', 50)).toBeDefined();
});
