import { expect, test } from 'vitest';
import { ExactNumber, Repeated, readExact } from './exact-json.ts';

test.each(['725653563933458432', '-9007199254740993', '1.0', '1e400', '-0', '1E2', '0.1000000000000000055'])(
  'the number %s is shown as it came',
  (text) => {
    expect(readExact(`{"result":[${text}]}`)).toEqual({ result: [new ExactNumber(text)] });
  },
);

test('everything else is read as ever', () => {
  const text = '{"a":[1,-2.5,null,true,false,"\\u00e4\\ud800",{}],"b":{"c":9007199254740991}}';
  expect(readExact(text)).toEqual(JSON.parse(text));
});

test('a name that is given twice hides nothing', () => {
  expect(readExact('{"a":1,"b":2,"a":"x","a":3}')).toEqual({ a: new Repeated([1, 'x', 3]), b: 2 });
});

test('a member named __proto__ is a member', () => {
  const read = readExact('{"__proto__":{"a":1}}') as object;
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect(Object.entries(read)).toEqual([['__proto__', { a: 1 }]]);
});
