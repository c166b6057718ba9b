import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { refusalTable, withTable } from '../scripts/gen-docs.ts';
import { PROBLEMS, REFUSALS, STEPS } from '../src/kernel/codes.ts';
import { filesBelow, repository } from './support/sources.ts';

type Page = { readonly path: string; readonly text: string };

const rootPages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
const pages: Page[] = [...rootPages.filter((path) => isThere(path)), ...filesBelow('docs', /\.md$/)].map((path) => ({
  path,
  text: read(path),
}));

/** Settings of the process; those that tests and scripts use among themselves are named TEST_…. */
const SETTING = /\bCOUNTERSIGN_[A-Z0-9_]+\b/g;

/** Folders and files that exist only after a start, a build or a benchmark. */
const MADE_LATER = /^(\.countersign|\.cache|node_modules|coverage|test-results|dashboard\/dist|bench\/results)(\/|$)/;

test('there are pages to check', () => {
  expect(pages.map(({ path }) => path)).toContain('README.md');
});

test('relative links lead somewhere', () => {
  const broken = each(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g, (link, page) => {
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return undefined;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page.path : join(dirname(page.path), decodeURIComponent(path));
    if (!isThere(target)) return `${link}: there is no such file`;
    if (anchor && target.endsWith('.md') && !anchors(read(target)).has(anchor))
      return `${link}: there is no such heading`;
    return undefined;
  });
  expect(broken).toEqual([]);
});

test('files that are named exist', () => {
  const missing = each(/`([^`\n]+)`/g, (code) => {
    if (!/^\.?[\w@-][\w.@/-]*$/.test(code) || MADE_LATER.test(code)) return undefined;
    const inRepository = /^(src|test|scripts|docs|bench|examples|dashboard|sdk|bin|\.ci)\//.test(code);
    const atRoot =
      /^[\w.-]+\.(md|json|ts|mjs)$/.test(code) &&
      /^(README|CONTRIBUTING|SECURITY|CHANGELOG|package|tsconfig|biome|vitest)/.test(code);
    return (inRepository || atRoot) && !isThere(code) ? `${code} does not exist` : undefined;
  });
  expect(missing).toEqual([]);
});

test('npm scripts that are named exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const missing = each(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g, (name) =>
    name in scripts ? undefined : `npm has no script "${name}" here`,
  );
  expect(missing).toEqual([]);
});

test('settings that are named exist, and every setting is described', () => {
  const inCode = new Set(read('src/settings.ts').match(SETTING));
  const unknown = each(SETTING, (name) => (inCode.has(name) ? undefined : `${name} is not in src/settings.ts`));
  expect(unknown).toEqual([]);
  const page = isThere('docs/settings.md') ? read('docs/settings.md') : '';
  const undescribed = [...inCode].filter((name) => !page.includes(`\`${name}\``)).sort();
  expect(undescribed, 'Describe these settings in docs/settings.md.').toEqual([]);
});

test('the table of refusal codes is current', () => {
  expect(isThere('docs/refusals.md'), 'Write docs/refusals.md with: npm run docs').toBe(true);
  const page = read('docs/refusals.md');
  expect(page, 'Bring it up to date with: npm run docs').toBe(withTable(page, refusalTable(REFUSALS, STEPS, PROBLEMS)));
});

test('codes in the docs are codes of the table', () => {
  const codes: ReadonlySet<string> = new Set(Object.keys(REFUSALS));
  const unknown = each(/\bcode["`]?: ?["`]([a-z][a-z_]+)["`]/g, (code) =>
    codes.has(code) ? undefined : `no such code: ${code}`,
  );
  expect(unknown).toEqual([]);
});

test('nobody is sent to a package registry by its host', () => {
  const host =
    /\b(registry|packages?|deb|security|pypi|files)\.[a-z0-9-]+\.(org|io|com)\b|\b(pypi|crates)\.(org|io)\b/gi;
  const configured = ['package.json', 'package-lock.json', '.npmrc']
    .filter(isThere)
    .map((path) => ({ path, text: read(path) }));
  const named = each(host, (name) => name, [...pages, ...configured]);
  expect(named, 'The clients know where to fetch from; a name here would bind every copy to it.').toEqual([]);
});

/** Every match of a pattern on every page (its first group that matched, or all of it) that `judge` objects to. */
function each(
  pattern: RegExp,
  judge: (found: string, page: Page) => string | undefined,
  among: readonly Page[] = pages,
): string[] {
  return among.flatMap((page) =>
    [...page.text.matchAll(pattern)].flatMap((match) => {
      const objection = judge(match.slice(1).find((group) => group !== undefined) ?? match[0], page);
      const line = page.text.slice(0, match.index).split('\n').length;
      return objection === undefined ? [] : [`${page.path}:${line}: ${objection}`];
    }),
  );
}

/** The anchors of a page's headings, as Git hosts make them. */
function anchors(text: string): Set<string> {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#{1,6} +(.+?) *#*$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function isThere(path: string): boolean {
  return existsSync(join(repository, path));
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}
