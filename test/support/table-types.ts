import { readFileSync } from 'node:fs';
import type { Column } from './catalogue.ts';

const files = ['tables.ts', 'tables-notify.ts'].map((name) => new URL(`../../src/store/${name}`, import.meta.url));

/** The columns that `src/store/tables.ts` and `tables-notify.ts` declare, read from their text: `table.column` and what its type says. */
export function declaredColumns(): Map<string, Column> {
  const sources = files.map((file) => readFileSync(file, 'utf8'));
  const body = sources.map((source) => source.slice(source.search(/export type \w*Tables = /))).join('\n');
  const declared = new Map<string, Column>();
  let table = '';
  for (const line of body.split('\n')) {
    const name = /^ {2}(\w+): \{$/.exec(line)?.[1];
    if (name !== undefined) table = name;
    const column = /^ {4}(\w+): (.+);$/.exec(line);
    if (column === null) continue;
    const [, field = '', type = ''] = column;
    declared.set(`${table}.${field}`, {
      nullable: type.endsWith('| null'),
      generated: /^(At$|Generated<|GeneratedList$)/.test(type),
    });
  }
  return declared;
}
