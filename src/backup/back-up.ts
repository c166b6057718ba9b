import type { Query, Store } from '../store/store.ts';
import { VERSION } from '../version.ts';
import { asSystem, readSequences, readTables, readTenants } from './catalogue.ts';
import { type Head, type Header, writeBackup } from './format.ts';
import { readHeads } from './heads.ts';
import { readRows } from './read-rows.ts';

/** What a copy was counted and verified to be. */
export type Copied = { readonly rows: Readonly<Record<string, number>>; readonly heads: readonly Head[] };

/** What only the system role sees of all workspaces, to hold what was copied against. */
const COUNTED = ['audit_log', 'agent_execution_logs'];

/**
 * Copies everything into a new file, as it was at one moment, while calls go on. Verifies every chain on the way; one that
 * does not hold is copied as it is, and said in the result.
 */
export async function backUp(store: Store, file: string, files: Header['files']): Promise<Copied> {
  return store.asLogin('snapshot', async (query) => {
    const tables = await readTables(query);
    const tenants = await readTenants(query);
    const heads = await readHeads(query, tenants);
    const header: Header = {
      countersign_backup: 1,
      version: VERSION,
      made_at: new Date().toISOString(),
      tables: Object.fromEntries(tables.map(({ name, columns }) => [name, columns])),
      sequences: await readSequences(query),
      files,
    };
    const rows: Record<string, number> = {};
    async function* everything() {
      for (const table of tables) {
        yield { table: table.name };
        let count = 0;
        for await (const line of readRows(query, table, tenants)) {
          count += 1;
          yield { line };
        }
        rows[table.name] = count;
      }
      await refuseMissing(query, rows);
    }
    await writeBackup(file, header, everything(), () => ({ rows, heads }));
    return { rows, heads };
  });
}

/** A copy in which row level security hid something would look like one of an installation with less in it. */
async function refuseMissing(query: Query, rows: Readonly<Record<string, number>>): Promise<void> {
  await asSystem(query, async () => {
    for (const table of COUNTED) {
      const [counted] = await query<{ count: string }>(`select count(tenant_id) as count from ${table}`);
      if (Number(counted!.count) === rows[table]) continue;
      throw new Error(`${rows[table]} rows of ${table} were copied, and there are ${counted!.count}`);
    }
  });
}
