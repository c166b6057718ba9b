import pg from 'pg';
import type { Gate } from './gate.ts';

export type Query = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Runs SQL as the database's superuser, past row level security: what no request can do. Commits as it goes. */
export async function asSuperuser<T>(
  gate: Pick<Gate, 'databaseUrl' | 'running'>,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  if (gate.databaseUrl === undefined) {
    const client = await gate.running.app.store.engine.pool.connect();
    try {
      await client.query('set role none');
      return await work(async (text, values) => (await client.query(text, values)).rows);
    } finally {
      await client.query('set role countersign_app');
      client.release();
    }
  }
  const client = new pg.Client({ connectionString: gate.databaseUrl });
  await client.connect();
  try {
    return await work(async (text, values) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}
