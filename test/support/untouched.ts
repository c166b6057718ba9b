import type { Query } from './superuser.ts';

/** Tables that grow by refusing: the log of calls and the ledger. Everything else must be as it was. */
const LOGS = new Set([
  'agent_execution_logs',
  'idempotency_keys',
  'audit_pending',
  'gateway_queue',
  'audit_log',
  'schema_files',
]);
/** Columns that move with use alone. */
const MOVING = ['last_used_at', 'updatedAt'];

/**
 * A fingerprint of every table but the logs, by content. Two that are equal mean that nothing was changed in
 * between, in any workspace, and that nobody was added or signed in.
 */
export async function fingerprint(sql: Query): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`,
  );
  const prints: Record<string, string> = {};
  for (const { name } of tables) {
    if (LOGS.has(name)) continue;
    const [row] = await sql<{ print: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(line, e'\\n' order by line), '')) as print
       from (select (to_jsonb(t) - $1::text[])::text as line from "${name}" t) lines`,
      [MOVING],
    );
    prints[name] = row!.print;
  }
  return prints;
}
