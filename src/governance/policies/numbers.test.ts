import { describe, expect, test } from 'vitest';
import { type JsonObject, parseStrict } from '../../kernel/strict-json.ts';
import { type CompileResult, compileRules } from './compile.ts';
import { evaluate } from './evaluate.ts';

/**
 * JSON has one kind of number and CEL two, and in several engines the comparison of one with the other is false in silence.
 * Here each comparison of an argument with a number that is written out is right, or refused when it is saved, or asks for
 * two people when it is run.
 */

const OPERATORS = ['==', '!=', '<', '<=', '>', '>='] as const;
type Operator = (typeof OPERATORS)[number];

/** What the schema says of the argument. */
const TYPES = {
  integer: { type: 'integer' },
  number: { type: 'number' },
  'a choice of integers': { enum: [0, 1, 100, 9007199254740991] },
  'a number or null': { type: ['number', 'null'] },
  anything: {},
} as const;

/** The argument as it is on the wire, and the number it is; undefined where it is none. */
const VALUES: readonly (readonly [json: string | undefined, number: number | undefined])[] = [
  ['1', 1],
  ['1.0', 1],
  ['1e2', 100],
  ['9007199254740991', 9007199254740991],
  ['-0', 0],
  ['-1', -1],
  ['1.5', 1.5],
  ['"1"', undefined],
  ['""', undefined],
  ['true', undefined],
  ['null', undefined],
  ['[1]', undefined],
  [undefined, undefined],
];

/** Numbers as conditions write them. The last cannot be told from its neighbour as a double. */
const LITERALS = [
  '1',
  '1.0',
  '0',
  '0.0',
  '-1',
  '100',
  '1e2',
  '9007199254740991',
  '9007199254740991.0',
  '9007199254740993',
];

/** How the argument is written in the condition. */
const FORMS = ['args.n', 'int(args.n)', 'double(args.n)'] as const;

type Said = 'refused' | 'strictest' | 'applies' | 'does not';

const compiled = new Map<string, CompileResult>();

function compile(schema: object, condition: string): CompileResult {
  const key = JSON.stringify([schema, condition]);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const made = compileRules([{ name: 'a', when: condition, policy: 'approve' }], {
    type: 'object',
    properties: { n: schema },
  });
  compiled.set(key, made);
  return made;
}

function said(schema: object, condition: string, json: string | undefined): Said {
  const made = compile(schema, condition);
  if (!made.ok) return 'refused';
  const args = parseStrict(json === undefined ? '{}' : `{"n":${json}}`);
  if (!args.ok) throw new Error(args.reason);
  const { policy, fault } = evaluate(made.compiled, {
    args: args.value as JsonObject,
    tool: { name: 'a.b', effect: 'write' },
    principal: { kind: 'client', id: 'icl_1' },
    run: { labels: [] },
    now: new Date(0),
  });
  if (fault !== undefined) return policy === 'approve-dual' ? 'strictest' : 'does not';
  return policy === 'auto' ? 'does not' : 'applies';
}

/** What mathematics says, exactly: every number here is a whole one, or half of one. */
function holds(left: number, operator: Operator, literal: string): boolean {
  const [a, b] = [
    BigInt(left * 2),
    literal.includes('e') || literal.includes('.') ? BigInt(Number(literal) * 2) : BigInt(literal) * 2n,
  ];
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** The number that the form makes of the argument. */
function meant(form: (typeof FORMS)[number], number: number | undefined, json: string | undefined): number | undefined {
  if (form === 'args.n') return number;
  // A text that is a number is one where the condition says so.
  const said = json === '"1"' ? 1 : number;
  return said === undefined || form === 'double(args.n)' ? said : Math.trunc(said);
}

describe.each(Object.entries(TYPES))('an argument that the schema calls %s', (_type, schema) => {
  describe.each(FORMS)('as %s', (form) => {
    test.each(OPERATORS)('%s is right, refused, or asks for two', (operator) => {
      const wrong: string[] = [];
      for (const literal of LITERALS) {
        for (const [json, number] of VALUES) {
          for (const [condition, turned] of [
            [`${form} ${operator} ${literal}`, operator],
            [`${literal} ${operator} ${form}`, FLIPPED[operator]],
          ] as const) {
            const answer = said(schema, condition, json);
            const left = meant(form, number, json);
            const right = left !== undefined && answer === (holds(left, turned, literal) ? 'applies' : 'does not');
            if (answer !== 'refused' && answer !== 'strictest' && !right) {
              wrong.push(`${condition} with ${json ?? 'nothing'}: ${answer}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    });
  });
});

const FLIPPED = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const satisfies Record<
  Operator,
  Operator
>;

test.each([
  ['integer', 'args.n > 500', '501', 'applies'],
  ['integer', 'args.n > 500', '500', 'does not'],
  ['integer', 'args.n == 100', '1e2', 'applies'],
  ['integer', 'args.n == 1', '1.0', 'applies'],
  ['integer', 'args.n != 1', '1.0', 'does not'],
  ['integer', 'args.n == 0', '-0', 'applies'],
  ['integer', 'args.n == 9007199254740991', '9007199254740991', 'applies'],
  ['integer', 'args.n < 9007199254740993', '9007199254740991', 'applies'],
  ['integer', 'args.n == 1.0', '1', 'refused'],
  ['integer', 'args.n > 500', '"501"', 'strictest'],
  ['integer', 'args.n > 500', undefined, 'strictest'],
  ['number', 'args.n > 500', '500.5', 'applies'],
  ['number', 'args.n >= 500.5', '500.5', 'applies'],
  ['number', 'args.n == 1.0', '1', 'applies'],
  ['number', 'args.n == 1', '1', 'refused'],
  ['number', 'args.n != 1', '2', 'refused'],
  ['number', 'args.n in [1, 2]', '1', 'refused'],
  ['number', 'args.n in [1.0, 2.0]', '1', 'applies'],
  ['anything', 'args.n > 500', '501', 'applies'],
  ['anything', 'args.n > 500', '"501"', 'strictest'],
  ['anything', 'args.n == 500', '500', 'refused'],
  ['anything', 'args.n in [500]', '500', 'refused'],
  ['anything', '500 in args.n', '[500]', 'refused'],
  ['anything', 'double(args.n) == 500.0', '"5e2"', 'applies'],
  ['anything', 'double(args.n) == 500.0', '"five"', 'strictest'],
  ['anything', 'int(args.n) == 500', '"500"', 'applies'],
  ['anything', 'int(args.n) == 0', '""', 'strictest'],
  ['anything', 'int(args.n) == 1', '"0b1"', 'strictest'],
  ['anything', 'string(args.n) == "5"', '"5"', 'applies'],
  ['a number or null', 'args.n > 500', 'null', 'strictest'],
] as const)('of %s, %s with %s: %s', (type, condition, json, expected) => {
  expect(said(TYPES[type], condition, json)).toBe(expected);
});

test.each([
  ['100.0 / args.n > 1.0', 'refused'],
  ['args.n / 100.0 > 1.0', 'applies'],
  ['args.n / 0.0 > 1.0', 'refused'],
] as const)('a division that may come to no number is refused: %s', (condition, expected) => {
  expect(said(TYPES.number, condition, '200')).toBe(expected);
});

test('a whole number that is divided by nothing asks for two', () => {
  expect(said(TYPES.integer, '100 / args.n > 1', '0')).toBe('strictest');
  expect(said(TYPES.integer, '100 % args.n == 1', '0')).toBe('strictest');
  expect(said(TYPES.integer, 'args.n * args.n > 1', '9007199254740991')).toBe('strictest');
});
