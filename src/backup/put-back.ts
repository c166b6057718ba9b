import { isDeepStrictEqual } from 'node:util';
import { BadSettings } from '../settings.ts';
import type { Query, Store } from '../store/store.ts';
import type { Copied } from './back-up.ts';
import { quoted, readTables, type Table } from './catalogue.ts';
import { type Footer, type Header, readBackup } from './format.ts';
import { readHeads } from './heads.ts';

const BATCH_ROWS = 1_000;
const BATCH_BYTES = 1024 * 1024;

/**
 * Puts a backup back into an empty store, in one transaction: all of it, with every chain verified to end where it ended
 * in the backup, or nothing. `beforeCommit` gets the header last of all.
 * Throws `BadSettings` when the store is not empty, or of another schema.
 */
export async function putBack(store: Store, file: string, beforeCommit: (header: Header) => void): Promise<Copied> {
  // Read once to its end first: what was cut short or changed touches nothing.
  for await (const _ of readBackup(file));
  return store.asLogin('change', async (query) => {
    const tables = await readTables(query);
    await openTables(query, tables);
    let header: Header | undefined;
    let footer: Footer | undefined;
    const rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]));
    let batch: { readonly table: string; lines: string[]; bytes: number } | undefined;
    const write = async (): Promise<void> => {
      if (batch === undefined) return;
      const { table, lines } = batch;
      batch = undefined;
      await insert(query, tables.find(({ name }) => name === table)!, lines);
      rows[table] = rows[table]! + lines.length;
    };
    for await (const part of readBackup(file)) {
      if (part.kind === 'header') {
        header = part.header;
        refuseOther(header, tables);
      } else if (part.kind === 'row') {
        if (batch?.table !== part.table || batch.lines.length >= BATCH_ROWS || batch.bytes >= BATCH_BYTES)
          await write();
        batch ??= { table: part.table, lines: [], bytes: 0 };
        batch.lines.push(part.line);
        batch.bytes += part.line.length;
      } else {
        await write();
        footer = part.footer;
      }
    }
    for (const [name, value] of Object.entries(header!.sequences)) {
      await query('select setval($1::regclass, $2)', [quoted(name), value]);
    }
    const tenants = await query<{ tenant_id: string }>('select tenant_id from workspaces order by 1');
    const heads = await readHeads(
      query,
      tenants.map(({ tenant_id }) => tenant_id),
    );
    if (!isDeepStrictEqual(rows, footer!.rows) || !isDeepStrictEqual(heads, footer!.heads)) {
      throw new Error('What was put back is not what the backup says that it holds. Nothing was changed.');
    }
    await closeTables(query, tables);
    beforeCommit(header!);
    return { rows, heads };
  });
}

/** Lets their owner see and write every row, with nothing set off by it. Throws `BadSettings` where there are any. */
async function openTables(query: Query, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables) {
    await query(`alter table ${quoted(name)} no force row level security`);
    await query(`alter table ${quoted(name)} disable trigger user`);
  }
  // A start leaves the fingerprint of its key, and nothing else.
  await query('delete from installation');
  for (const { name } of tables) {
    const [row] = await query<{ some: boolean }>(`select exists (select from ${quoted(name)}) as some`);
    if (!row!.some) continue;
    throw new BadSettings(
      `The store is not empty: ${name} has rows. A backup is put back into an empty one: set DATABASE_URL to an empty ` +
        'database, or COUNTERSIGN_DATA_DIR to an empty directory.',
    );
  }
}

async function closeTables(query: Query, tables: readonly Table[]): Promise<void> {
  for (const { name, isTenants, isHidden } of tables) {
    await query(`alter table ${quoted(name)} enable trigger user`);
    if (isTenants || isHidden) await query(`alter table ${quoted(name)} force row level security`);
  }
}

function refuseOther({ version, tables }: Header, ours: readonly Table[]): void {
  const here = Object.fromEntries(ours.map(({ name, columns }) => [name, [...columns]]));
  if (isDeepStrictEqual(here, tables)) return;
  throw new BadSettings(
    `The backup was made by Countersign ${version}, whose tables are not those of this version. ` +
      'Put it back with that version, then start the newer one on it.',
  );
}

async function insert(query: Query, { name, columns }: Table, lines: readonly string[]): Promise<void> {
  const list = columns.map(quoted).join(', ');
  await query(
    `insert into ${quoted(name)} (${list}) overriding system value
     select ${list} from json_populate_recordset(null::${quoted(name)}, $1::json)`,
    [`[${lines.join(',')}]`],
  );
}
