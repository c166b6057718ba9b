import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

/** The repository's folder. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One import or re-export: from where, whether only types, and which names (`*` for all, none for side effects). */
export type Import = { readonly from: string; readonly typeOnly: boolean; readonly names: readonly string[] };

/** One source file, as far as the rules of the house look at it. Paths are relative to the repository, with slashes. */
export type SourceFile = {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
  /** The names of everything that is called: `f(…)` and `x.f(…)` both give `f`. */
  readonly calls: ReadonlySet<string>;
  /** The tables that are written through the query builder: `insertInto('tools')` gives `tools`. */
  readonly writes: ReadonlySet<string>;
  /** String literals and the fixed parts of templates: where SQL and table names are. */
  readonly texts: readonly string[];
};

/** Every file below a folder whose name matches, as slashed paths relative to the repository. */
export function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort();
}

/** Parses one TypeScript file. A relative import becomes a path like `src/kernel/codes.ts`; others stay as written. */
export function readSource(path: string, text: string = readFileSync(join(repository, path), 'utf8')): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const resolve = (specifier: string) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
  const imports: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    from: resolve(moduleRequest.value),
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    names: entries.map(({ importName }) => importName.name ?? (importName.kind === 'Default' ? 'default' : '*')),
  }));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType, importName } of entries) {
      if (moduleRequest)
        imports.push({ from: resolve(moduleRequest.value), typeOnly: isType, names: [importName.name ?? '*'] });
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])(.*)\1$/s.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[2]) imports.push({ from: resolve(literal[2]), typeOnly: false, names: ['*'] });
  }
  const seen = { calls: new Set<string>(), writes: new Set<string>(), texts: [] as string[] };
  visit(program, seen);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    hasDefaultExport: module.staticExports.some(({ entries }) =>
      entries.some((entry) => entry.exportName.kind === 'Default'),
    ),
    ...seen,
  };
}

type Seen = { readonly calls: Set<string>; readonly writes: Set<string>; readonly texts: string[] };

function visit(node: unknown, seen: Seen): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, seen);
  } else if (isNode(node)) {
    if (node.type === 'CallExpression') noteCall(nameOf(node.callee), node.arguments, seen);
    if (node.type === 'Literal' && typeof node.value === 'string') seen.texts.push(node.value);
    if (node.type === 'TemplateLiteral' && Array.isArray(node.quasis))
      seen.texts.push(node.quasis.map(cooked).join('?'));
    for (const child of Object.values(node)) visit(child, seen);
  }
}

function noteCall(name: string, args: unknown, { calls, writes }: Seen): void {
  calls.add(name);
  if (!/^(insertInto|replaceInto|updateTable|deleteFrom|mergeInto)$/.test(name)) return;
  const table: unknown = Array.isArray(args) ? args[0] : undefined;
  // `insertInto('tools as t')` names the table first; a table that is not written out is still a write.
  writes.add(isNode(table) && typeof table.value === 'string' ? (table.value.split(' ')[0] ?? '') : '(computed)');
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function nameOf(callee: unknown): string {
  if (!isNode(callee)) return '';
  if (callee.type === 'Identifier') return String(callee.name);
  return callee.type === 'MemberExpression' ? nameOf(callee.property) : '';
}

function cooked(quasi: unknown): string {
  const value = isNode(quasi) ? quasi.value : undefined;
  return typeof value === 'object' && value !== null && 'cooked' in value ? String(value.cooked) : '';
}
