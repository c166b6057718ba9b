import type { ByteWriter } from './byte-writer.ts';

/**
 * Arrays of composite values in PostgreSQL's binary form, as `array_recv` and `record_recv` read them: an array is
 * its dimensions and then each element's length and bytes, a composite its fields' type, length and bytes.
 * Reading it costs the server a fraction of what reading JSON does, and writing it needs no escaping.
 */
/** `place` and `common` are int4s that come with a row rather than from it. */
export type ColumnType = 'place' | 'common' | 'int4' | 'int8' | 'bool' | 'text' | 'text[]' | 'timestamptz' | 'uuid';
/** Text, or its UTF-8. */
export type Text = string | Uint8Array;
export type Columns = readonly (readonly [name: string, type: ColumnType])[];

/** Type oids are PostgreSQL's own and the same everywhere (pg_type.dat). */
const OID: Record<ColumnType, number> = {
  place: 23,
  common: 23,
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

/** A row by the names of its columns. Null and undefined are SQL's null. */
export type Row = Readonly<Record<string, unknown>>;
/** Takes a row, its place, and the place of what it has in common with others. */
export type Push = (row: Row, place: number, common?: number) => void;

/** Whether rows of an array come again and again as the same objects, and so are encoded once each. */
type Recurring = { readonly recurring?: boolean };

/** Writes one array: `rows` pushes every row. */
export function writeRows(
  out: ByteWriter,
  columns: Columns,
  typeOid: number,
  rows: (push: Push) => void,
  { recurring = false }: Recurring = {},
): void {
  const start = out.length;
  writeArrayHead(out, typeOid, 1);
  const count = start + 12;
  let pushed = 0;
  rows((row, place, common = 0) => {
    pushed += 1;
    if (recurring) writeRecurring(out, columns, row);
    else writeRow(out, columns, row, place, common);
  });
  if (pushed > 0) {
    out.setInt4(count, pushed);
    return;
  }
  out.truncate(start);
  writeArrayHead(out, typeOid, 0);
}

function writeRow(out: ByteWriter, columns: Columns, row: Row, place: number, common: number): void {
  const length = out.reserveLength();
  out.int4(columns.length);
  writeColumns(out, columns, row, place, common);
  out.closeLength(length);
}

const encoded = new WeakMap<object, Uint8Array>();

function writeRecurring(out: ByteWriter, columns: Columns, row: Row): void {
  const known = encoded.get(row);
  if (known !== undefined) {
    out.raw(known);
    return;
  }
  const start = out.length;
  writeRow(out, columns, row, 0, 0);
  encoded.set(row, Uint8Array.prototype.slice.call(out.bytes(), start));
}

function writeColumns(out: ByteWriter, columns: Columns, row: Row, place: number, common: number): void {
  for (const [name, type] of columns) {
    out.int4(OID[type]);
    const value = type === 'place' ? place : type === 'common' ? common : row[name];
    if (value === null || value === undefined) out.int4(-1);
    else writeValue(out, type, value);
  }
}

function writeValue(out: ByteWriter, type: ColumnType, value: unknown): void {
  switch (type) {
    case 'text':
      writeText(out, value as Text);
      break;
    case 'place':
    case 'common':
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

function writeText(out: ByteWriter, text: Text): void {
  const length = out.reserveLength();
  if (typeof text === 'string') out.utf8(text);
  else out.raw(text);
  out.closeLength(length);
}

function writeTexts(out: ByteWriter, texts: readonly string[]): void {
  const length = out.reserveLength();
  writeArrayHead(out, OID.text, texts.length);
  for (const text of texts) writeText(out, text);
  out.closeLength(length);
}

function writeArrayHead(out: ByteWriter, typeOid: number, count: number): void {
  out.int4(count === 0 ? 0 : 1);
  out.int4(0);
  out.int4(typeOid);
  if (count === 0) return;
  out.int4(count);
  out.int4(1);
}
