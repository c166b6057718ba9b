import { expect, test } from 'vitest';
import { filesBelow, type Import, readSource, type SourceFile } from './support/sources.ts';

/**
 * The floors of src/, lowest first. A file may import its own room, its own floor and what is below, never what is
 * above: so a room can be read, and trusted, with nothing in mind but the rooms under it (docs/architecture.md).
 */
const FLOORS = [
  ['kernel', 'version.ts'],
  ['store', 'limits', 'vault'],
  ['ledger'],
  ['held'],
  ['upstream'],
  ['identity'],
  ['registry'],
  ['governance'],
  ['notify'],
  ['gateway'],
  ['workflows'],
  ['studio'],
  ['jobs'],
  ['api', 'settings.ts'],
  ['server.ts', 'log.ts', 'secrets-key.ts', 'startup', 'backup', 'demo', 'cli'],
];
const WIRING = FLOORS.at(-1) ?? [];

/** Modules that reach outside the process; the kernel may import none of them. */
const IO_PACKAGES = /^(pg|kysely|undici|ioredis|hono|pino|better-auth|@better-auth|@electric-sql|@hono)(\/|$)/;
const PURE_BUILTINS = new Set(['node:crypto', 'node:buffer', 'node:url', 'node:util']);

/** What others may use of upstream at run time: what judges a configuration, and sends nothing. */
const UPSTREAM_SHAPES: Readonly<Record<string, RegExp>> = {
  registry: /\/upstream\/(shapes|credentials)\.ts$/,
  governance: /\/upstream\/shapes\.ts$/,
  'settings.ts': /\/upstream\/(egress-exceptions|kinds\/mcp\/stdio\/allow)\.ts$/,
  notify: /\/upstream\/refuse-url\.ts$/,
};

/** Files that change tenant tables and leave no audit entry, each with the reason. */
const UNAUDITED: Readonly<Record<string, string>> = {
  'src/identity/workspaces/remember.ts': 'the workspace a person used last is a convenience: nothing is decided by it',
};

const MAX_LINES = 400;

const everything = filesBelow('src', /\.ts$/).map((path) => readSource(path));
const sources = everything.filter(({ path }) => !isTest(path));

function isTest(path: string): boolean {
  return /\.(test|fixture|d)\.ts$/.test(path);
}

/** `src/gateway/dispatch.ts` is in the room `gateway`; a file directly in src/ is a room of its own. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function isOurs({ from }: Import): boolean {
  return from.startsWith('src/');
}

/** The offences of one rule, for a message that says what to do. */
function offences(rule: (file: SourceFile) => readonly string[]): string[] {
  return sources.flatMap((file) => rule(file).map((offence) => `${file.path}: ${offence}`));
}

test('every room has a floor', () => {
  const homeless = new Set(sources.map(({ path }) => roomOf(path)).filter((room) => floorOf(room) < 0));
  expect([...homeless], 'A new room of src/ needs a place in FLOORS (test/architecture.test.ts).').toEqual([]);
});

test('no file imports a floor above its own', () => {
  const found = offences(({ path, imports }) =>
    imports
      .filter((it) => isOurs(it) && floorOf(roomOf(it.from)) > floorOf(roomOf(path)))
      .map(({ from }) => `imports ${from}; ${roomOf(path)} is below ${roomOf(from)}`),
  );
  expect(found, 'Move what both need down a floor, or hand it in as an argument from above.').toEqual([]);
});

test('rooms do not import each other in a circle', () => {
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    for (const it of imports.filter(isOurs)) {
      if (roomOf(it.from) === roomOf(path)) continue;
      edges.set(roomOf(path), (edges.get(roomOf(path)) ?? new Set()).add(roomOf(it.from)));
    }
  }
  expect(findCircle(edges), 'A circle of rooms cannot be read from the bottom up.').toEqual([]);
});

test('files do not import each other in a circle', () => {
  const pages = filesBelow('dashboard/src', /\.tsx?$/).map((path) => readSource(path));
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of [...everything, ...pages]) {
    // A type that is only imported as one has to be read all the same.
    edges.set(path, new Set(imports.map(({ from }) => from)));
  }
  expect(findCircle(edges), 'Move what both need into a file of its own.').toEqual([]);
});

test('the kernel is pure: no I/O', () => {
  const found = offences(({ path, imports }) =>
    roomOf(path) !== 'kernel'
      ? []
      : imports
          .map(({ from }) => from)
          .filter((from) => (from.startsWith('node:') && !PURE_BUILTINS.has(from)) || IO_PACKAGES.test(from)),
  );
  expect(found, 'Give the kernel values; read and write on a floor above.').toEqual([]);
  const fetching = offences(({ path, calls }) =>
    roomOf(path) === 'kernel' && calls.has('fetch') ? ['calls fetch'] : [],
  );
  expect(fetching, 'Give the kernel values; read and write on a floor above.').toEqual([]);
});

test('only the store opens connections to a database', () => {
  const found = offences(({ path, imports }) =>
    roomOf(path) === 'store'
      ? []
      : imports
          .filter(
            ({ from, names }) =>
              /^(pg|pg-pool|@electric-sql\/.*)$/.test(from) || (from === 'kysely' && names.includes('PostgresDialect')),
          )
          .map(({ from }) => `imports ${from}`),
  );
  expect(
    found,
    'Above the store, tenant data is reached through withTenant() alone: row level security hangs on it.',
  ).toEqual([]);
});

test('only upstream has an HTTP client', () => {
  const found = offences(({ path, imports, calls }) =>
    roomOf(path) === 'upstream'
      ? []
      : [
          ...imports.filter(({ from }) => from === 'undici' || from.startsWith('undici/')).map(() => 'imports undici'),
          ...(calls.has('fetch') && !WIRING.includes(roomOf(path)) ? ['calls fetch'] : []),
        ],
  );
  expect(found, 'Whatever leaves the process passes the egress guard in src/upstream.').toEqual([]);
});

test('only the gateway calls upstream', () => {
  const allowed = new Set(['upstream', 'gateway', ...WIRING]);
  const found = offences(({ path, imports }) =>
    allowed.has(roomOf(path))
      ? []
      : imports
          .filter((it) => !it.typeOnly && it.from.startsWith('src/upstream/'))
          .filter(({ from }) => !UPSTREAM_SHAPES[roomOf(path)]?.test(from))
          .map(({ from }) => `imports ${from}`),
  );
  expect(
    found,
    'There is one way to an upstream: dispatch(). Types, and what UPSTREAM_SHAPES names, may be used elsewhere.',
  ).toEqual([]);
});

test('only the ledger writes audit tables', () => {
  const sql = /\b(insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+"?audit_(pending|log)\b/i;
  const found = offences(({ path, writes, texts }) =>
    roomOf(path) !== 'ledger' &&
    ([...writes].some((table) => /^audit_(pending|log)$/.test(table)) || texts.some((text) => sql.test(text)))
      ? ['writes audit_pending or audit_log']
      : [],
  );
  expect(
    found,
    'Entries are made by audit() and auditRow() of src/ledger, or the chain could hold what nobody hashed.',
  ).toEqual([]);
});

test('a verb that changes tenant tables leaves an audit entry', () => {
  const rooms = ['held', 'registry', 'governance', 'identity'];
  const found = offences((file) =>
    rooms.includes(roomOf(file.path)) && changesTenantTables(file) && !isAudited(file) && !(file.path in UNAUDITED)
      ? [`changes ${[...file.writes].join(', ') || 'tables'}, and neither it nor every caller of it calls audit()`]
      : [],
  );
  expect(
    found,
    'No audit row, no change: call audit() in the same transaction, or name the file in UNAUDITED and say why.',
  ).toEqual([]);
  const gone = Object.keys(UNAUDITED).filter((path) => !sources.some((file) => file.path === path));
  expect(gone, 'UNAUDITED names files that are not there.').toEqual([]);
});

/** Sign-in tables (`auth_…`) belong to people, who are in several workspaces; they are no tenant's. */
function changesTenantTables({ writes, texts }: SourceFile): boolean {
  const sql =
    /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+"?(?!auth_)\w+"?(?:\s+as\s+\w+)?\s+(?:set|where|using|values|select|\()/i;
  return [...writes].some((table) => !table.startsWith('auth_')) || texts.some((text) => sql.test(text));
}

/** Whether a file writes an entry, or is only ever used by files that do. */
function isAudited(file: SourceFile, above: readonly string[] = []): boolean {
  // change(), edit() and make() of identity/change.ts write the entry of what they are given to change.
  const changes = file.imports.some(({ from, typeOnly }) => !typeOnly && from === 'src/identity/change.ts');
  if (changes || [...file.calls].some((name) => /^audit/i.test(name))) return true;
  const users = sources.filter(({ imports }) => imports.some((it) => !it.typeOnly && it.from === file.path));
  return (
    users.length > 0 && users.every((user) => !above.includes(user.path) && isAudited(user, [...above, file.path]))
  );
}

test('files stay short', () => {
  const found = everything.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines} lines`);
  expect(found, `A file over ${MAX_LINES} lines is more than one thing; give each a name of its own.`).toEqual([]);
});

test('no default exports', () => {
  const found = everything.filter(({ hasDefaultExport }) => hasDefaultExport).map(({ path }) => path);
  expect(found, 'A thing has one name, the same wherever it is imported.').toEqual([]);
});

test('rooms are not called after nothing in particular', () => {
  const found = everything.filter(({ path }) =>
    /(^|[/-])(utils?|helpers?|managers?|services?|misc|common)(\/|-|\.ts$)/.test(path),
  );
  expect(
    found.map(({ path }) => path),
    'Name a file after what is in it (CONTRIBUTING.md).',
  ).toEqual([]);
});

test('tests that need a database say so in their name', () => {
  const support = /^test\/support\/(?!(sources|vectors)\.ts$)/;
  const found = everything.filter(
    ({ path, imports }) =>
      /(?<!\.db)\.test\.ts$/.test(path) && imports.some(({ from, typeOnly }) => !typeOnly && support.test(from)),
  );
  expect(
    found.map(({ path }) => path),
    'A test beside a source that uses test/support is named *.db.test.ts, so that `npm run check` stays without a database.',
  ).toEqual([]);
});

/** The rooms of one circle, or none. */
function findCircle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const search = (room: string, path: readonly string[]): string[] => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room];
    if (done.has(room)) return [];
    for (const next of edges.get(room) ?? []) {
      const circle = search(next, [...path, room]);
      if (circle.length > 0) return circle;
    }
    done.add(room);
    return [];
  };
  for (const room of edges.keys()) {
    const circle = search(room, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

test('the rules see what they are meant to see', () => {
  const file = readSource(
    'src/registry/example.ts',
    [
      "import type { A } from '../store/a.ts';",
      "import { type B, c } from '../upstream/b.ts';",
      "export * from './d.ts';",
      "import 'pg';",
      'const later = await import(`../kernel/e.ts`);',
      "await tx.db.insertInto('tools').execute(); audit(tx, `insert into x values (?)`);",
      'export default later;',
    ].join('\n'),
  );
  expect(file.imports).toEqual([
    { from: 'src/store/a.ts', typeOnly: true, names: ['A'] },
    { from: 'src/upstream/b.ts', typeOnly: false, names: ['B', 'c'] },
    { from: 'pg', typeOnly: false, names: [] },
    { from: 'src/registry/d.ts', typeOnly: false, names: ['*'] },
    { from: 'src/kernel/e.ts', typeOnly: false, names: ['*'] },
  ]);
  expect(file.hasDefaultExport).toBe(true);
  expect([...file.calls]).toEqual(expect.arrayContaining(['insertInto', 'execute', 'audit']));
  expect([...file.writes]).toEqual(['tools']);
  expect(file.texts).toContain('tools');
  expect(
    findCircle(
      new Map([
        ['a', new Set(['b'])],
        ['b', new Set(['c'])],
        ['c', new Set(['a'])],
      ]),
    ),
  ).toEqual(['a', 'b', 'c', 'a']);
});
