import type { ByteWriter } from './byte-writer.ts';

/**
 * Arrays of composite values in PostgreSQL's binary form, as `array_recv` and `record_recv` read them: an array is
 * its dimensions and then each element's length and bytes, a composite its fields' type, length and bytes.
 * Reading it costs the server a fraction of what reading JSON does, and writing it needs no escaping.
 */
export type ColumnType = 'int4' | 'int8' | 'bool' | 'text' | 'text[]' | 'timestamptz' | 'uuid';
export type Columns = readonly (readonly [name: string, type: ColumnType])[];

/** Type oids are PostgreSQL's own and the same everywhere (pg_type.dat). */
const OID: Record<ColumnType, number> = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  'text[]': 1009,
  timestamptz: 1184,
  uuid: 2950,
};

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = 946_684_800_000;

/** Takes a row, and what its column `ord` says. */
export type Push = (row: Readonly<Record<string, unknown>>, ord: number) => void;

/** Writes one array: `rows` pushes every row. Null and undefined are SQL's null. */
export function writeRows(out: ByteWriter, columns: Columns, typeOid: number, rows: (push: Push) => void): void {
  const dimensions = out.length;
  out.int4(1);
  out.int4(0);
  out.int4(typeOid);
  const count = out.length;
  out.int4(0);
  out.int4(1);
  let pushed = 0;
  rows((row, ord) => {
    pushed += 1;
    writeRow(out, columns, row, ord);
  });
  out.setInt4(count, pushed);
  if (pushed > 0) return;
  // An empty array has no dimension, and nothing of one.
  out.setInt4(dimensions, 0);
  out.truncate(count);
}

function writeRow(out: ByteWriter, columns: Columns, row: Readonly<Record<string, unknown>>, ord: number): void {
  const length = out.reserveLength();
  out.int4(columns.length);
  for (const [name, type] of columns) {
    out.int4(OID[type]);
    const value = name === 'ord' ? ord : row[name];
    if (value === null || value === undefined) out.int4(-1);
    else writeValue(out, type, value);
  }
  out.closeLength(length);
}

function writeValue(out: ByteWriter, type: ColumnType, value: unknown): void {
  switch (type) {
    case 'text':
      writeText(out, value as string);
      break;
    case 'int4':
      out.int4(4);
      out.int4(value as number);
      break;
    case 'int8':
      out.int4(8);
      out.int8(value as number);
      break;
    case 'bool':
      out.int4(1);
      out.byte(value ? 1 : 0);
      break;
    case 'timestamptz':
      out.int4(8);
      out.int8(microseconds(value as Date));
      break;
    case 'uuid':
      out.int4(16);
      out.hex((value as string).replaceAll('-', ''));
      break;
    case 'text[]':
      writeTexts(out, value as readonly string[]);
      break;
  }
}

/** Beyond the year 2285 they no longer fit into a number. */
function microseconds(at: Date): number | bigint {
  const ms = at.getTime() - EPOCH_MS;
  return Number.isSafeInteger(ms * 1000) ? ms * 1000 : BigInt(ms) * 1000n;
}

function writeText(out: ByteWriter, text: string): void {
  const length = out.reserveLength();
  out.utf8(text);
  out.closeLength(length);
}

function writeTexts(out: ByteWriter, texts: readonly string[]): void {
  const length = out.reserveLength();
  out.int4(texts.length === 0 ? 0 : 1);
  out.int4(0);
  out.int4(OID.text);
  if (texts.length > 0) {
    out.int4(texts.length);
    out.int4(1);
    for (const text of texts) writeText(out, text);
  }
  out.closeLength(length);
}
