import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, csvJsonCell } from './csv.ts';

const STARTS = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
const SEPARATORS = [',', ';', '\t', '|'];

/** The fields that a spreadsheet makes of a line when it splits at one character; quotes count at a field's start only. */
function opened(line: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    let text = '';
    if (line[at] === '"') {
      for (at += 1; at < line.length && !(line[at] === '"' && line[at + 1] !== '"'); at += 1) {
        if (line[at] === '"') at += 1;
        text += line[at];
      }
      at += 1;
    }
    const end = line.indexOf(separator, at);
    text += line.slice(at, end === -1 ? undefined : end);
    fields.push(text);
    at = (end === -1 ? line.length : end) + 1;
  }
  return fields;
}

const isFormula = (field: string): boolean => /^[\s"]*[=+\-@＝＋－＠]/u.test(field);
const hostile = fc.array(
  fc.constantFrom(...STARTS, ...SEPARATORS, ' ', '\u00a0', '\u3000', '"', "'", 'HYPERLINK("x")', 'a', '1', '\r\n'),
  { maxLength: 12 },
);

test('no cell is or holds a formula, whichever separator the file is opened with', () => {
  fc.assert(
    fc.property(hostile, (parts) => {
      const line = ['1', csvCell(parts.join('')), 'x'].join(',');
      for (const separator of SEPARATORS) {
        for (const row of line.split(/\r\n|\r|\n/)) expect(opened(row, separator).filter(isFormula)).toEqual([]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('an entry stays the same JSON, and holds no formula, whichever separator the file is opened with', () => {
  fc.assert(
    fc.property(hostile, fc.integer(), (parts, number) => {
      const entry = { data: { n: number, reason: parts.join(''), tail: 'x' } };
      const line = ['1', csvJsonCell(JSON.stringify(entry)), 'x'].join(',');
      expect(JSON.parse(opened(line, ',')[1]!)).toEqual(entry);
      for (const separator of SEPARATORS) expect(opened(line, separator).filter(isFormula)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['a;=1+1', `"a;'=1+1"`],
  ['  ＝1', `"'  ＝1"`],
  ['ada@example.com', 'ada@example.com'],
  ['email.send', 'email.send'],
])('%s becomes %s', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
