import fc from 'fast-check';
import { expect, test } from 'vitest';
import { POLICIES } from '../../kernel/codes.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { compileRules } from './compile.ts';
import { evaluate, isStricter } from './evaluate.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    n: { type: 'integer' },
    d: { type: 'number' },
    s: { type: 'string' },
    list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } },
    free: {},
  },
};

const SEEDS = 300;

/** Pieces that conditions are made of, and pieces that break them. */
const piece = fc.constantFrom(
  ...[
    'args',
    '.n',
    '.d',
    '.s',
    '.list',
    '.free',
    '.x',
    '[0]',
    '["s"]',
    'run.labels',
    'now',
    'tool.effect',
    'principal.id',
  ],
  ...[
    '>',
    '<',
    '>=',
    '==',
    '!=',
    '&&',
    '||',
    '!',
    '-',
    '+',
    '*',
    '/',
    '%',
    ' in ',
    '?',
    ':',
    '(',
    ')',
    '[',
    ']',
    ',',
    '.',
  ],
  ...[
    '1',
    '1.0',
    '9223372036854775807',
    '9223372036854775808',
    '"x"',
    "'y'",
    'true',
    'null',
    '{',
    '}',
    '1u',
    'b"x"',
    '\n',
    '//',
  ],
  ...[
    'size(',
    'has(',
    'int(',
    'double(',
    'string(',
    '.exists(i, i.n > 1)',
    '.all(i, true)',
    '.matches("a+")',
    '.contains("a")',
  ],
);

const condition = fc.oneof(
  fc.array(piece, { maxLength: 14 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
);
const args = fc.record(
  {
    n: fc.oneof(fc.integer(), value),
    d: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), value),
    s: fc.oneof(fc.string(), value),
    list: fc.oneof(fc.array(fc.record({ n: fc.integer() }), { maxLength: 4 }), value),
    free: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

test('whatever is written is a condition or has an error with a place in it', () => {
  fc.assert(
    fc.property(condition, (when) => {
      const made = compileRules([{ name: 'a', when, policy: 'approve' }], SCHEMA);
      if (made.ok) return;
      const lines = when.split('\n').length;
      for (const { line, column, message } of made.errors) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toBe('');
      }
    }),
    { numRuns: SEEDS },
  );
});

test('whatever a condition is asked, there is an answer, the same each time, and a fault is the strictest', () => {
  const conditions = [
    'args.n > 500',
    'args.d * 2.0 >= 1.5',
    'args.s.contains("a") || args.n == 1',
    'args.list.exists(item, item.n > 1 && args.n > item.n)',
    'args.free > 5',
    'args.free.a.b == "x"',
    'double(args.free) == 1.0',
    'size(args.free) > 1',
    '"a" in args.free',
    'args.free',
    'args.list.map(item, item.n * item.n).size() > 0',
    '!has(args.free) || args.free != "x"',
  ];
  const made = compileRules(
    conditions.map((when, at) => ({ name: String(at), when, policy: 'approve' })),
    SCHEMA,
  );
  if (!made.ok) throw new Error(JSON.stringify(made.errors));
  fc.assert(
    fc.property(args, fc.nat(conditions.length - 1), (given, at) => {
      const rules = { ...made.compiled, rules: [made.compiled.rules[at]!] };
      const ask = () =>
        evaluate(rules, {
          args: given as JsonObject,
          tool: { name: 'a.b', effect: 'write' },
          principal: { kind: 'client', id: 'icl_1' },
          run: { labels: [] },
          now: new Date(0),
        });
      const said = ask();
      expect(ask()).toEqual(said);
      expect(POLICIES).toContain(said.policy);
      if (said.fault !== undefined) expect(said.policy).toBe('approve-dual');
      expect(isStricter('auto', said.policy)).toBe(false);
    }),
    { numRuns: SEEDS },
  );
});
