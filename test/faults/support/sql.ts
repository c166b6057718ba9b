import pg from 'pg';

// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
type AnyRow = any;

/** Runs statements as the database's superuser, on a connection of their own. */
export async function sql(databaseUrl: string, text: string, values: unknown[] = []): Promise<AnyRow[]> {
  return withClient(databaseUrl, async (client) => (await client.query(text, values)).rows);
}

/** Holds whatever locks `text` takes while `work` runs. */
export async function whileLocked<T>(
  databaseUrl: string,
  text: string,
  values: unknown[],
  work: () => Promise<T>,
): Promise<T> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query(text, values);
    try {
      return await work();
    } finally {
      await client.query('rollback');
    }
  });
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'fault' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
