import { describe, expect, test } from 'vitest';
import { RULE_LIMITS } from '../../registry/grants/rules.ts';
import { compileRules } from './compile.ts';
import { zonesKept } from './values.ts';

const SCHEMA = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'integer' },
    rate: { type: 'number' },
    note: { type: 'string' },
    paid: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { sku: { type: 'string' }, price: { type: 'number' }, count: { type: 'integer' } },
      },
    },
    to: { $ref: '#/$defs/address' },
    free: { type: 'object' },
    'x y': { type: 'string' },
  },
  $defs: { address: { type: 'object', properties: { country: { type: 'string' } } } },
};

const errorsOf = (when: string, schema: unknown = SCHEMA) => {
  const made = compileRules([{ name: 'a', when, policy: 'approve' }], schema);
  return made.ok ? [] : made.errors;
};

test.each([
  ['args.amount > 500'],
  ['args.amount > 500 && args.note.contains("urgent")'],
  ['args.items.exists(item, item.price > 100.0 && item.count >= 2)'],
  ['args.items.all(item, args.tags.exists(tag, tag == item.sku))'],
  ['size(args.tags) > 3 || args.tags.size() == 0'],
  ['"vip" in args.tags'],
  ["'untrusted' in run.labels && tool.effect == 'send'"],
  ["principal.kind == 'client' && principal.id != ''"],
  ['has(args.rate) && args.rate > 0.5'],
  ['has(args.to.country) && args.to.country in ["DE", "FR"]'],
  ['args["x y"] == "z"'],
  ['args.note.matches("^INV-[0-9]+$")'],
  ['now.getHours("Europe/Berlin") >= 18 || now.getDayOfWeek() == 0'],
  ['now - timestamp("2026-01-31T09:00:00Z") > duration("1h30m")'],
  ['args.paid ? args.amount > 10 : args.amount > 1'],
  ['args.free.anything > 5'],
  ['args.note.lowerAscii().startsWith("re:")'],
  ['string(args.amount).endsWith("00")'],
  ['!args.paid'],
  ['args.free.flag'],
  ['true // for every call'],
])('%s is a condition', (when) => {
  expect(errorsOf(when)).toEqual([]);
});

test.each<[string, number, number, string | undefined, RegExp]>([
  ['args.amuont > 500', 1, 6, 'args.amuont', /no args\.amuont: args has amount, rate/],
  ['args.amount > 500 &&\n  args.nte == "x"', 2, 8, 'args.nte', /no args\.nte/],
  ['has(args.amuont)', 1, 10, 'args.amuont', /no args\.amuont/],
  ['has(args.to.cuontry)', 1, 13, 'args.to.cuontry', /args\.to has country/],
  ['args.to.city == "x"', 1, 9, 'args.to.city', /args\.to has country/],
  ['args.items.exists(item, item.prize > 1.0)', 1, 30, 'item.prize', /item has sku, price, count/],
  ['args.items[0].prize > 1.0', 1, 15, 'args.items[0].prize', /no args\.items\[0\]\.prize/],
  ['args.note > 5', 1, 1, 'args.note', /a text and 5 is a whole number/],
  ['args.rate == 1', 1, 1, 'args.rate', /write 1\.0/],
  ['args.rate == args.amount', 1, 1, 'args.rate', /double\(args\.amount\)/],
  ['args.free.x == 5', 1, 11, 'args.free.x', /does not say what args\.free\.x is: write int\(args\.free\.x\)/],
  ['args.amount', 1, 6, undefined, /true or false/],
  ['args.amount && true', 1, 1, 'args.amount', /true or false/],
  ['args.amount >', 1, 14, undefined, /missing/],
  ['args.amount > 500)', 1, 18, undefined, /./],
  ['amount > 500', 1, 1, undefined, /nothing called amount: a condition sees args/],
  ['int > 5', 1, 1, undefined, /nothing called int/],
  ['tool.nme == "x"', 1, 6, 'tool.nme', /tool has name, effect/],
  ['run.lables == []', 1, 5, 'run.lables', /run has id, labels/],
  ['args.note.split(",").size() > 1', 1, 1, undefined, /no \.split\(\)/],
  ['dyn(args.amount) == 5', 1, 1, undefined, /no dyn\(\)/],
  ['cel.bind(x, 1, x > 0)', 1, 1, undefined, /no \.bind\(\)/],
  ['args.note.matches(args.note)', 1, 24, undefined, /written out/],
  ['args.note.matches("(")', 1, 19, undefined, /RE2/],
  ['args.note.matches("(?=a)")', 1, 19, undefined, /RE2/],
  ['timestamp("2026-01-31T09:00:00") < now', 1, 11, undefined, /offset/],
  ['timestamp(args.note) < now', 1, 16, undefined, /written out/],
  ['now.getHours("Nowhere/Land") > 1', 1, 14, undefined, /time zone/],
  ['duration("1 hour") > duration("1h")', 1, 10, undefined, /units/],
  ['{"a": 1} == {"a": 1}', 1, 2, undefined, /./],
  ['args.amount > 5u', 1, 15, undefined, /without u/],
  ['args.tags.exists(args, args == "x")', 1, 18, undefined, /taken/],
  ['args.tags.exists(t, args.tags.exists(u, args.tags.exists(v, v == u)))', 1, 41, undefined, /at most 2 loops/],
])('%s is refused at line %i, column %i', (when, line, column, field, message) => {
  const errors = errorsOf(when);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ rule: 0, member: 'when', line, column });
  expect(errors[0]!.field).toBe(field);
  expect(errors[0]!.message).toMatch(message);
});

test('each rule has its own error, by its place', () => {
  const made = compileRules(
    [
      { name: 'a', when: 'args.amount > 1', policy: 'approve' },
      { name: 'b', when: 'args.x > 1', policy: 'approve' },
      {
        name: 'c',
        when: 'args.amount > 1',
        policy: 'approve',
        requires: [{ tool: 'a.b', where: 'result.id == args.y' }],
      },
    ],
    SCHEMA,
  );
  expect(made).toMatchObject({
    ok: false,
    errors: [
      { rule: 1, member: 'when', field: 'args.x' },
      { rule: 2, member: 'requires.0.where', field: 'args.y' },
    ],
  });
});

test('what a rule requires sees the earlier result and these arguments, and nothing else', () => {
  const where = (text: string) =>
    compileRules([{ name: 'a', when: 'true', policy: 'auto', requires: [{ tool: 'a.b', where: text }] }], SCHEMA);
  expect(where('result.note == args.note')).toMatchObject({ ok: true });
  expect(where('int(result.amount) == args.amount')).toMatchObject({ ok: true });
  expect(where('result.amount == args.amount')).toMatchObject({
    errors: [{ message: /int\(result\.amount\)/ }],
  } as never);
  expect(where('run.labels == []')).toMatchObject({ ok: false });
});

describe('what a schema says of a place', () => {
  test.each([
    ['a schema of nothing but an object', { type: 'object' }, 'args.x > 5'],
    ['members that are not named', { type: 'object', properties: { a: {} }, additionalProperties: true }, 'args.x > 5'],
    ['a member of one choice', { type: 'object', oneOf: [{ properties: { a: { type: 'string' } } }] }, 'args.a == "x"'],
    ['allOf', { type: 'object', allOf: [{ properties: { a: { type: 'integer' } } }] }, 'args.a == 5'],
    ['const', { type: 'object', properties: { a: { const: 'x' } } }, 'args.a == "x"'],
    ['null beside a type', { type: 'object', properties: { a: { type: ['string', 'null'] } } }, 'args.a == "x"'],
    [
      'a tree',
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/t' } },
        $defs: { t: { type: 'object', properties: { t: { $ref: '#/$defs/t' }, n: { type: 'integer' } } } },
      },
      'args.a.t.t.n == 5',
    ],
  ])('%s', (_name, schema, when) => {
    expect(errorsOf(when, schema)).toEqual([]);
  });
});

describe('bounds', () => {
  test.each([
    ['characters', `args.amount > ${'1'.repeat(RULE_LIMITS.condition)}`],
    ['nodes', Array.from({ length: 200 }, () => 'args.paid').join(' || ')],
    ['depth', `${'('.repeat(60)}args.paid${')'.repeat(60)}`],
    ['items of a list', `args.amount in [${Array.from({ length: 150 }, (_, at) => at).join()}]`],
    ['a pattern', `args.note.matches("(a{100}){100}")`],
  ])('%s', (_name, when) => {
    expect(errorsOf(when)).toHaveLength(1);
  });

  test('a text that goes into brackets without end neither crashes nor stalls', () => {
    for (const open of ['(', '[', '!', '-', 'has(', 'args.']) expect(errorsOf(open.repeat(600))).toHaveLength(1);
  });

  test('names of members that others never have are no trouble', () => {
    const properties = Object.fromEntries(
      ['constructor', 'toString', 'hasOwnProperty', 'prototype', 'a-b', 'ü', ''].map((name) => [
        name,
        { type: 'string' },
      ]),
    );
    const schema = { type: 'object', properties };
    expect(errorsOf('args["a-b"] == "x"', schema)).toEqual([]);
    expect(errorsOf('args["ü"] == "x"', schema)).toEqual([]);
    expect(errorsOf('args.toString == "x"', schema)).toEqual([]);
    expect(errorsOf('args.valueOf == "x"', schema)).toHaveLength(1);
  });
});

test('a time zone is kept once, however it is written', () => {
  expect(errorsOf('now.getHours("Europe/Lisbon") == 9')).toEqual([]);
  const before = zonesKept();
  for (const name of ['europe/lisbon', 'EUROPE/LISBON', 'eUROPE/lISBON']) {
    expect(errorsOf(`now.getHours("${name}") == 9`)).toEqual([]);
  }
  expect(zonesKept()).toBe(before);
});
