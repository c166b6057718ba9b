import { csvCell, csvJsonCell } from './csv.ts';
import type { StoredLink } from './read.ts';

export type ExportFormat = 'jsonl' | 'csv';

/** How many links one page looks at: read and written within milliseconds, so that calls are not held up. */
export const EXPORT_SPAN = 500;

const CSV_COLUMNS = [
  'seq',
  'at',
  'event_type',
  'actor_kind',
  'actor_id',
  'resource_kind',
  'resource_id',
  'outcome',
  'entry',
  'prev_hash',
  'hash',
] as const;

/**
 * Links up to `head` as text, oldest first, page by page; `read` gives what is asked for of the links after `afterSeq`
 * up to `lastSeq`. JSONL keeps each entry's exact bytes. Between pages it rests as long as the last one took.
 */
export async function* exportAudit(
  read: (afterSeq: number, lastSeq: number) => Promise<readonly StoredLink[]>,
  head: number,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  const line = format === 'csv' ? csvLine : jsonLine;
  for (let afterSeq = 0; afterSeq < head; afterSeq += EXPORT_SPAN) {
    const began = performance.now();
    const page = await read(afterSeq, Math.min(head, afterSeq + EXPORT_SPAN));
    const text = page.map(line).join('');
    const tookMs = performance.now() - began;
    if (text !== '') yield text;
    await new Promise((resolve) => setTimeout(resolve, tookMs));
  }
}

function jsonLine(row: StoredLink): string {
  const { seq, prev_hash, hash, entry } = row;
  return `{"seq":${seq},"prev_hash":"${prev_hash.toString('hex')}","hash":"${hash.toString('hex')}","entry":${entry}}\n`;
}

function csvLine(row: StoredLink): string {
  const texts: Record<Exclude<(typeof CSV_COLUMNS)[number], 'entry'>, string> = {
    ...row,
    at: row.at.toISOString(),
    prev_hash: row.prev_hash.toString('hex'),
    hash: row.hash.toString('hex'),
  };
  const cells = CSV_COLUMNS.map((column) => (column === 'entry' ? csvJsonCell(row.entry) : csvCell(texts[column])));
  return `${cells.join(',')}\r\n`;
}
