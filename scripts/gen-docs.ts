/**
 * Writes the parts of docs/ that are tables in the code: the refusal codes. `npm run docs` rewrites them;
 * test/docs.test.ts fails when they are not current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFUSALS, STEPS } from '../src/kernel/codes.ts';
import { root } from './bootstrap/runtime.mjs';

type Row = { readonly status: number; readonly step: string; readonly message: string };

const page = join(root, 'docs', 'refusals.md');
const begin = '<!-- generated from src/kernel/codes.ts by scripts/gen-docs.ts: begin -->';
const end = '<!-- generated: end -->';

const emptyPage = `# Refusals

Countersign refuses with a code. Codes are stable, so a client may switch on them; sentences may be reworded. Each is an
RFC 9457 problem with \`code\`, \`step\` and \`request_id\`, and each step stands in the order in which a call takes them.

${begin}
${end}
`;

/** The table of refusal codes in Markdown, in the order of the steps. `refusals` and `steps` are those of codes.ts. */
export function refusalTable(refusals: Readonly<Record<string, Row>>, steps: readonly string[]): string {
  const rows = Object.entries(refusals)
    .map(([code, row], index) => ({ code, index, ...row }))
    .sort((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step) || a.index - b.index)
    .map(
      ({ code, status, step, message }) =>
        `| \`${code}\` | ${status} | \`${step}\` | ${message.replaceAll('|', '\\|')} |`,
    );
  return ['| code | HTTP | step | what it says |', '|---|---|---|---|', ...rows].join('\n');
}

/** The page with the table between its markers made current; text around it stays. */
export function withTable(text: string, table: string): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/refusals.md has lost its markers:\n${begin}\n${end}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

if (import.meta.main) {
  const old = existsSync(page) ? readFileSync(page, 'utf8') : emptyPage;
  writeFileSync(page, withTable(old, refusalTable(REFUSALS, STEPS)));
}
