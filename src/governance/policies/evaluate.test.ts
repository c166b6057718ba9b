import { expect, test } from 'vitest';
import { type JsonObject, parseStrict } from '../../kernel/strict-json.ts';
import type { RuleInput } from '../../registry/grants/rules.ts';
import { type CompiledRules, compileKept, compileRules } from './compile.ts';
import { evaluate, fulfils } from './evaluate.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    amount: { type: 'integer' },
    note: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    rows: { type: 'array', items: { type: 'array', items: { type: 'string' } } },
    maps: { type: 'array', items: { type: 'object' } },
    items: {
      type: 'array',
      items: { type: 'object', properties: { price: { type: 'number' }, count: { type: 'integer' } } },
    },
    free: { type: 'object' },
  },
};

const rule = (when: string, policy: RuleInput['policy'] = 'approve', name = when): RuleInput => ({
  name,
  when,
  policy,
});

function compiled(...rules: RuleInput[]): CompiledRules {
  const made = compileRules(rules, SCHEMA);
  if (!made.ok) throw new Error(made.errors[0]!.message);
  return made.compiled;
}

function ask(
  rules: CompiledRules,
  json: string,
  { labels = [] as string[], now = new Date(0), effect = 'write' } = {},
) {
  const args = parseStrict(json);
  if (!args.ok) throw new Error(args.reason);
  return evaluate(rules, {
    args: args.value as JsonObject,
    tool: { name: 'mail.send', effect },
    principal: { kind: 'client', id: 'icl_1' },
    run: { labels },
    now,
  });
}

test('of the rules that apply the strictest does, and of those the first', () => {
  const rules = compiled(
    rule('args.amount > 1', 'approve', 'small'),
    rule('args.amount > 10', 'approve', 'medium'),
    rule('args.amount > 100', 'approve-dual', 'large'),
    rule('args.amount > 50', 'approve-dual', 'larger'),
  );
  expect(ask(rules, '{"amount":1}')).toMatchObject({ policy: 'auto', rule: null });
  expect(ask(rules, '{"amount":20}')).toMatchObject({ policy: 'approve', rule: 'small' });
  expect(ask(rules, '{"amount":60}')).toMatchObject({ policy: 'approve-dual', rule: 'larger' });
  expect(ask(rules, '{"amount":101}')).toMatchObject({ policy: 'approve-dual', rule: 'large' });
});

test.each([
  ['args.items.exists(item, item.price * 2.0 > 9.0)', '{"items":[{"price":4},{"price":5}]}', true],
  ['args.items.exists(item, item.count == 5)', '{"items":[{"count":5}]}', true],
  ['args.items[1].count == 5', '{"items":[{"count":1},{"count":5}]}', true],
  ['args.items.map(item, item.count) == [1, 5]', '{"items":[{"count":1},{"count":5}]}', true],
  ['args.items.filter(item, item.count > 1).size() == 1', '{"items":[{"count":1},{"count":5}]}', true],
  ['args.items.exists_one(item, item.count > 1)', '{"items":[{"count":1},{"count":5}]}', true],
  ['args.tags.all(tag, tag.startsWith("a"))', '{"tags":[]}', true],
  ['has(args.note)', '{}', false],
  ['has(args.note) && args.note == "x"', '{}', false],
  ['!has(args.note)', '{}', true],
  ['args.note == "x" || args.amount == 1', '{"amount":1}', true],
  ['args.note.matches("^a+b$")', '{"note":"aaab"}', true],
  ['args.note.lowerAscii() == "straße"', '{"note":"STRAße"}', true],
  ['size(args.note) == 1', '{"note":"😀"}', true],
  ['args.free.a.b > 5', '{"free":{"a":{"b":6}}}', true],
  ['"k" in args.free', '{"free":{"k":null}}', true],
  ["'untrusted' in run.labels && tool.effect == 'send'", '{}', true],
  ['now.getHours() == 9', '{}', true],
  ['now.getHours("Europe/Berlin") == 10', '{}', true],
  ['now.getHours("America/New_York") == 4 && now.getDayOfWeek("America/New_York") == 6', '{}', true],
  [
    'now < timestamp("2026-01-31T09:00:01+00:00") && now - timestamp("2026-01-31T08:00:00Z") == duration("1h")',
    '{}',
    true,
  ],
])('%s of %s is %s', (when, json, expected) => {
  const said = ask(compiled(rule(when)), json, {
    labels: ['untrusted'],
    effect: 'send',
    now: new Date('2026-01-31T09:00:00Z'),
  });
  expect(said).toMatchObject({ policy: expected ? 'approve' : 'auto', rule: expected ? when : null });
  expect(said.fault).toBeUndefined();
});

test.each([
  ['args.note == "x"', '{}', 'args.note is not among the arguments'],
  ['args.free.a > 5', '{"free":{"a":"secret"}}', 'args.free.a > 5: the values are not of the kinds that go together'],
  ['args.free.a', '{"free":{"a":1}}', 'the condition came to something that is not true or false'],
  ['args.items[3].count > 1', '{"items":[]}', 'args.items[3] is beyond the end of the list'],
  ['1 / args.amount > 0', '{"amount":0}', '1 / args.amount divides by zero'],
  ['int(args.free.a) > 1', '{"free":{"a":"secret"}}', 'int() of a text that is no whole number'],
  ['args.free.constructor == "x"', '{"free":{"constructor":1}}', /could not be evaluated|kinds/],
])('%s of %s cannot be evaluated, asks for two people, and says why without a value', (when, json, fault) => {
  const said = ask(compiled(rule(when)), json);
  expect(said).toMatchObject({ policy: 'approve-dual', rule: when });
  expect(said.fault).toMatch(fault);
  expect(said.fault).not.toContain('secret');
});

test('a rule that applies is told before one that cannot be evaluated and is no stricter', () => {
  const rules = compiled(rule('args.amount > 1', 'approve-dual', 'first'), rule('args.note == "x"'));
  expect(ask(rules, '{"amount":2}')).toMatchObject({ policy: 'approve-dual', rule: 'first' });
  expect(ask(rules, '{"amount":2}').fault).toBeUndefined();
});

test('a rule that the tool was changed under asks for two people', () => {
  const rules = compileKept([{ id: 'rul_1', ...rule('args.gone > 1') }], { kind: 'object', fields: new Map() });
  expect(ask(rules, '{}')).toMatchObject({ policy: 'approve-dual', fault: /does not fit the tool any more/ } as never);
});

test('arguments that would keep the process busy are not begun with', () => {
  const many = JSON.stringify({ tags: Array.from({ length: 5_000 }, (_, at) => `t${at}`) });
  const square = compiled(rule('args.tags.all(a, args.tags.exists(b, a == b))'));
  expect(ask(square, many)).toMatchObject({ policy: 'approve-dual', fault: /too large/ } as never);
  expect(ask(square, '{"tags":["a","b"]}')).toMatchObject({ policy: 'approve' });
  // Once is no trouble, and neither is a condition that looks elsewhere.
  expect(ask(compiled(rule('args.tags.all(a, a.startsWith("t"))')), many)).toMatchObject({ policy: 'approve' });
  expect(ask(compiled(rule('!has(args.note)')), many)).toMatchObject({ policy: 'approve' });
});

const rows = (many: number, each: number): string =>
  JSON.stringify({ rows: Array.from({ length: many }, () => Array.from({ length: each }, () => 'a')), maps: [] });
const keys = (many: number) => Array.from({ length: many }, (_, at) => [`k${at}`, [1]]);
const tags = (many: number): string => JSON.stringify({ tags: Array(many).fill('a') });

test.each([
  // Each comparison goes through all of the lists, or of what is in them.
  ['args.tags.all(x, args.tags == args.tags.map(y, y) || args.tags != [x])', tags(2_000)],
  ['args.rows.map(x, args.rows).all(x, x == args.rows)', rows(1_000, 1)],
  [
    'args.maps.all(x, x == args.maps[0] && x in args.maps)',
    JSON.stringify({ maps: Array(100).fill(Object.fromEntries(keys(100))) }),
  ],
  ['args.tags.all(x, now.getHours("Europe/Berlin") == 9)', tags(20_000)],
  ['(args.tags + args.tags + args.tags + args.tags).all(x, (args.tags + args.tags).all(y, x < y))', tags(250)],
])('%s is not begun with on large arguments', (when, json) => {
  expect(ask(compiled(rule(when)), json)).toMatchObject({ policy: 'approve-dual', fault: /too large/ } as never);
});

test.each([
  ['args.items.exists(item, item.count == 5)', JSON.stringify({ items: Array(5_000).fill({ count: 1, price: 2 }) })],
  ['args.tags == ["a", "b"]', tags(20_000)],
  ['args.rows.all(x, x == ["a", "a"])', rows(5_000, 2)],
  ['args.rows.filter(x, x != []).all(x, x == ["a", "a"])', rows(5_000, 2)],
  ['args.tags.exists(x, x in ["a", "b", "c"])', tags(5_000)],
  ['now.getHours("Europe/Berlin") > 20 || now.getHours("Europe/Berlin") < 7', tags(5_000)],
])('%s is evaluated on large arguments', (when, json) => {
  expect(ask(compiled(rule(when)), json).fault).toBeUndefined();
});

test('what the rules of a call may take together is bounded, too', () => {
  const long = JSON.stringify({ note: 'a'.repeat(100_000) });
  const each = (at: number) => rule(`args.note.matches("^(a|b|c|d|e|f){${at},}$")`, 'approve', String(at));
  expect(ask(compiled(each(1)), long)).toMatchObject({ policy: 'approve' });
  const said = ask(compiled(...Array.from({ length: 50 }, (_, at) => each(at + 1))), long);
  expect(said).toMatchObject({ policy: 'approve-dual', fault: /too large/ } as never);
});

test('what the rules that apply require is told with them, also of one that raises nothing', () => {
  const rules = compiled(
    { ...rule('args.amount > 1', 'approve-dual') },
    { ...rule('args.amount > 2', 'auto'), requires: [{ tool: 'orders.lookup', where: 'result.id == args.note' }] },
    { ...rule('args.amount > 9', 'auto'), requires: [{ tool: 'orders.other', where: 'true' }] },
  );
  const { requires, policy } = ask(rules, '{"amount":3,"note":"a"}');
  expect(policy).toBe('approve-dual');
  expect(requires.map(({ tool }) => tool)).toEqual(['orders.lookup']);
  expect(fulfils(requires[0]!, rules, { id: 'a' }, { note: 'a' })).toBe(true);
  expect(fulfils(requires[0]!, rules, { id: 'b' }, { note: 'a' })).toBe(false);
  expect(fulfils(requires[0]!, rules, {}, { note: 'a' })).toBe(false);
});

test('the same question has the same answer, whatever was asked between', () => {
  const rules = compiled(rule('args.items.exists(item, item.count == 5) && args.tags.exists(tag, tag == "x")'));
  const ask1 = () => ask(rules, '{"items":[{"count":5}],"tags":["x"]}');
  const before = ask1();
  expect(ask(rules, '{"items":[{"count":4}],"tags":[]}')).toMatchObject({ policy: 'auto' });
  expect(ask(rules, '{}')).toMatchObject({ policy: 'approve-dual' });
  expect(ask1()).toEqual(before);
});
