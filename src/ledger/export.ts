import type { Store } from '../store/store.ts';
import { type AuditFilters, readOnward, type StoredLink } from './read.ts';

export type ExportFormat = 'jsonl' | 'csv';

const PAGE = 1_000;
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

/** The filtered slice as text, oldest first, page by page. JSONL keeps each entry's exact bytes. */
export async function* exportAudit(
  store: Store,
  tenantId: string,
  filters: AuditFilters,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\r\n`;
  const line = format === 'csv' ? csvLine : jsonLine;
  let afterSeq = 0;
  for (;;) {
    const page = await store.withTenant(tenantId, (tx) => readOnward(tx, filters, PAGE, afterSeq));
    if (page.length > 0) yield page.map(line).join('');
    if (page.length < PAGE) return;
    afterSeq = Number(page.at(-1)!.seq);
  }
}

function jsonLine(row: StoredLink): string {
  const { seq, prev_hash, hash, entry } = row;
  return `{"seq":${seq},"prev_hash":"${prev_hash.toString('hex')}","hash":"${hash.toString('hex')}","entry":${entry}}\n`;
}

function csvLine(row: StoredLink): string {
  const cells = {
    ...row,
    at: row.at.toISOString(),
    prev_hash: row.prev_hash.toString('hex'),
    hash: row.hash.toString('hex'),
  };
  return `${CSV_COLUMNS.map((column) => csvCell(String(cells[column]))).join(',')}\r\n`;
}

/**
 * One CSV field (RFC 4180). A field that a spreadsheet would take for a formula gets a leading apostrophe, as
 * OWASP's note on CSV injection says.
 */
export function csvCell(text: string): string {
  const neutral = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(neutral) ? `"${neutral.replaceAll('"', '""')}"` : neutral;
}
