import { Environment } from '@marcbachmann/cel-js';
import { doubleOf, intOf, inZone, lowerAscii, matches, timestampOf, upperAscii } from './values.ts';

/** The words of a condition: what it sees, which functions it has, and what each of them is in the library. */

/** What one condition may be. The arguments that it may take on are bounded when it runs (`cost.ts`). */
const LIMITS = { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 4 } as const;

/** Whoever calls. */
export class PrincipalValue {
  readonly kind: string;
  readonly id: string;
  constructor(kind: string, id: string) {
    this.kind = kind;
    this.id = id;
  }
}

/** The tool that is called. */
export class ToolValue {
  readonly name: string;
  readonly effect: string;
  constructor(name: string, effect: string) {
    this.name = name;
    this.effect = effect;
  }
}

/** The run that the call belongs to, and the labels on it. */
export class RunValue {
  readonly id: string | undefined;
  readonly labels: readonly string[];
  constructor(id: string | undefined, labels: readonly string[]) {
    this.id = id;
    this.labels = labels;
  }
}

/** What the members of the values are, for the library and for the sentence about one that is not there. */
export const MEMBERS = {
  principal: { kind: 'string', id: 'string' },
  tool: { name: 'string', effect: 'string' },
  run: { id: 'string', labels: 'list<string>' },
} as const;

/** Where the library has a function of another name for it than CEL has. */
const OWN = {
  int: 'strictInt',
  double: 'strictDouble',
  timestamp: 'strictTimestamp',
  matches: 'linearMatches',
  lowerAscii: 'asciiLower',
  upperAscii: 'asciiUpper',
} as const;

const plain = (...names: string[]): [string, string][] => names.map((name) => [name, name]);

/** Functions by their names in CEL, each with its name in the library. Nothing else can be called. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...plain('size', 'has', 'string', 'bool', 'duration'),
  ['int', OWN.int],
  ['double', OWN.double],
  ['timestamp', OWN.timestamp],
]);

/** Macros that go through a list, with their conditions evaluated for each item. */
export const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

const PARTS = {
  getFullYear: 'year',
  getMonth: 'month',
  getDayOfMonth: 'day',
  getDate: 'date',
  getDayOfWeek: 'weekday',
  getHours: 'hour',
  getMinutes: 'minute',
  getSeconds: 'second',
} as const;

/** Of a method that takes a time zone, its name in the library. */
export const ZONED: ReadonlyMap<string, string> = new Map(Object.keys(PARTS).map((name) => [name, `${name}Zoned`]));

export const METHODS: ReadonlyMap<string, string> = new Map([
  ...plain('size', 'contains', 'startsWith', 'endsWith', ...LOOPS, ...Object.keys(PARTS)),
  ['matches', OWN.matches],
  ['lowerAscii', OWN.lowerAscii],
  ['upperAscii', OWN.upperAscii],
]);

const TIMESTAMP = 'google.protobuf.Timestamp';
const sync = { async: false } as const;

/** Every condition's environment begins as this one. */
export const BASE = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
  .registerType('principal', { ctor: PrincipalValue, fields: MEMBERS.principal })
  .registerType('tool', { ctor: ToolValue, fields: MEMBERS.tool })
  .registerType('run', { ctor: RunValue, fields: MEMBERS.run })
  .registerVariable('principal', 'principal')
  .registerVariable('tool', 'tool')
  .registerVariable('run', 'run')
  .registerVariable('now', TIMESTAMP)
  // What an earlier call came to, for what a rule requires.
  .registerVariable('result', 'dyn');

for (const from of ['int', 'double', 'string']) {
  BASE.registerFunction(`${OWN.int}(${from}): int`, intOf, sync);
  BASE.registerFunction(`${OWN.double}(${from}): double`, doubleOf, sync);
}
BASE.registerFunction(`${OWN.timestamp}(string): ${TIMESTAMP}`, timestampOf, sync);
BASE.registerFunction(`string.${OWN.matches}(string): bool`, matches, sync);
BASE.registerFunction(`string.${OWN.lowerAscii}(): string`, lowerAscii, sync);
BASE.registerFunction(`string.${OWN.upperAscii}(): string`, upperAscii, sync);
for (const [name, part] of Object.entries(PARTS)) {
  BASE.registerFunction(`${TIMESTAMP}.${ZONED.get(name)}(string): int`, inZone(part), sync);
}
