/**
 * Writes the parts of docs/ that are tables in the code: the refusal codes, and the problems of the REST API.
 * `npm run docs` rewrites them;
 * test/docs.test.ts fails when they are not current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS, REFUSALS, STEPS } from '../src/kernel/codes.ts';
import { root } from './bootstrap/runtime.mjs';

type Recorded = 'entry' | { readonly not: string };
type Row = {
  readonly status: number;
  readonly step: string;
  readonly message: string;
  readonly recorded: Recorded;
};

const page = join(root, 'docs', 'refusals.md');
const begin = '<!-- generated from src/kernel/codes.ts by scripts/gen-docs.ts: begin -->';
const end = '<!-- generated: end -->';

const emptyPage = `# Refusals

Countersign refuses with a code. Codes are stable, so a client may switch on them; sentences may be reworded. Each is an
RFC 9457 problem with \`code\`, \`step\` and \`request_id\`, and each step stands in the order in which a call takes them.

What is recorded of a refusal stands in the last column. A refused call is an \`execution.denied\`, any other refused
request a \`request.refused\` with its \`code\` and \`route\`, and with the approval and its \`payload_sha256\` where it was
about one. The first ten refusals a minute of one person or client with one code have entries of their own, and at most
a hundred a workspace; the rest of the minute is one entry with \`count\`, \`first_at\` and \`last_at\`.

${begin}
${end}
`;

/**
 * The tables of codes in Markdown, those of governed calls in the order of the steps. What is given is that of codes.ts.
 */
export function refusalTable(
  refusals: Readonly<Record<string, Row>>,
  steps: readonly string[],
  problems: Readonly<Record<string, Omit<Row, 'step'>>>,
): string {
  const rows = Object.entries(refusals)
    .map(([code, row], index) => ({ code, index, ...row }))
    .sort((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step) || a.index - b.index)
    .map(
      ({ code, status, step, message, recorded }) =>
        `| \`${code}\` | ${status} | \`${step}\` | ${cell(message)} | ${recordedText(recorded)} |`,
    );
  const plain = Object.entries(problems).map(
    ([code, { status, message, recorded }]) =>
      `| \`${code}\` | ${status} | ${cell(message)} | ${recordedText(recorded)} |`,
  );
  return [
    '| code | HTTP | step | what it says | in the audit log |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'Beside governed calls, the API has these:',
    '',
    '| code | HTTP | what it says | in the audit log |',
    '|---|---|---|---|',
    ...plain,
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function recordedText(recorded: Recorded): string {
  return recorded === 'entry' ? 'yes' : `no: ${cell(recorded.not)}`;
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
  writeFileSync(page, withTable(old, refusalTable(REFUSALS, STEPS, PROBLEMS)));
}
