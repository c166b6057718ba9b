import { readFileSync } from 'node:fs';
import type { Column } from './catalogue.ts';

const file = new URL('../../src/store/tables.ts', import.meta.url);

/** The columns that `src/store/tables.ts` declares, read from its text: `table.column` and what its type says. */
export function declaredColumns(): Map<string, Column> {
  const source = readFileSync(file, 'utf8');
  const body = source.slice(source.indexOf('export type Tables = {'));
  const declared = new Map<string, Column>();
  let table = '';
  for (const line of body.split('\n')) {
    const name = /^ {2}(\w+): \{$/.exec(line)?.[1];
    if (name !== undefined) table = name;
    const column = /^ {4}(\w+): (.+);$/.exec(line);
    if (column === null) continue;
    const [, field = '', type = ''] = column;
    declared.set(`${table}.${field}`, { nullable: type.endsWith('| null'), generated: /^(At$|Generated<)/.test(type) });
  }
  return declared;
}
