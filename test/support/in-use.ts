import type { Query } from './superuser.ts';

/** Rows of one statement: the embedded engine keeps no more than one such in its memory. */
const PIECE = 2_000;

/** A workspace, and somebody and something in it. */
type Filled = {
  readonly tenantId: string;
  readonly ownerId: string;
  readonly connectorId: string;
  readonly sql: Query;
};
type Counts = Readonly<Record<'clients' | 'tools' | 'calls' | 'approvals', number>>;

/**
 * Makes a workspace look as after months of use. Rows are made in the database: by calls it would take an hour. One tool
 * (`area_0.rare`) has been called once, long ago; the approvals wait.
 */
export async function fillWorkspace({ tenantId, ownerId, connectorId, sql }: Filled, counts: Counts): Promise<void> {
  const own = [tenantId, ownerId];
  const id = (prefix: string, nth: string, ms = '1') => `'${prefix}_01k' || lpad((${nth} / ${ms})::text, 23, '0')`;
  await sql(
    `insert into integration_clients (tenant_id, id, name, owner_user_id)
     select $1::uuid, ${id('icl', 'n')}, 'Client number ' || n, $2 from generate_series(1, ${counts.clients}) n`,
    own,
  );
  await sql(
    `insert into tools (tenant_id, id, name, effect, input_schema, connector_id, handler_kind, handler_config, definition_sha256)
     select $1::uuid, ${id('tool', 'n')}, 'area_' || n % 10 || '.tool_' || n, 'send', '{"type": "object"}', $2, 'http',
       '{"method": "POST", "path": "/ok"}', 'hash ' || n from generate_series(1, ${counts.tools}) n`,
    [tenantId, connectorId],
  );
  await sql(
    `insert into grants (tenant_id, id, client_id, tool_id, policy, updated_by, created_at)
     select $1::uuid, ${id('grt', 'c * 1000 + t')}, ${id('icl', 'c')}, ${id('tool', 't')}, 'approve', $2,
       now() - interval '90 days'
     from generate_series(1, ${counts.clients}) c, generate_series(1, 10) t`,
    own,
  );
  for (let first = 1; first <= counts.calls; first += PIECE) {
    await sql(
      `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, effect,
       policy, arguments, payload_sha256, step, code, via, created_at, started_at, finished_at)
     select $1::uuid, 'exe_01k' || lpad(n::text, 23, '0'),
       case when n % 20 = 0 then 'denied' when n % 50 = 0 then 'failed' else 'executed' end, 'client',
       ${id('icl', `(1 + n % ${counts.clients})`)}, ${id('tool', `(1 + n % ${counts.tools})`)},
       case when n = 10 then 'area_0.rare' else 'area_' || (1 + n % ${counts.tools}) % 10 || '.tool_' || 1 + n % ${counts.tools} end,
       'send', 'auto', '{"text":"' || repeat('0123456789abcdef', 125) || '"}', 'hash',
       case when n % 20 = 0 then 'grant' end, case when n % 20 = 0 then 'not_granted' end, 'rest',
       now() - (${counts.calls} - n) * interval '2 seconds', now(), now()
     from generate_series(${first}, ${Math.min(first + PIECE - 1, counts.calls)}) n`,
      [tenantId],
    );
  }
  await sql(
    `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_id, tool_name, effect,
       policy, arguments, via, created_at)
     select $1::uuid, 'exe_01m' || lpad(n::text, 23, '0'), 'pending_approval', 'client', ${id('icl', `(1 + n % ${counts.clients})`)},
       ${id('tool', '(1 + n % 10)')}, 'area_1.held', 'send', 'approve', '{}', 'rest', now()
     from generate_series(1, ${counts.approvals}) n`,
    [tenantId],
  );
  await sql(
    `insert into approvals (tenant_id, id, execution_id, policy, envelope, payload_sha256, definition_sha256, tool_id,
       tool_name, effect, principal_kind, principal_id, requester_user_ids, summary, expires_at)
     select $1::uuid, 'apv_01m' || lpad(n::text, 23, '0'), 'exe_01m' || lpad(n::text, 23, '0'), 'approve', envelope,
       encode(sha256(convert_to(envelope, 'UTF8')), 'hex'), 'hash ' || 1 + n % 10, tool, 'area_1.held', 'send', 'client',
       client, '{}', 'Send 1 e-mail to customer-' || n || '@example.com', now() + n * interval '1 minute'
     from generate_series(1, ${counts.approvals}) n,
       lateral (select ${id('tool', '(1 + n % 10)')} as tool, ${id('icl', `(1 + n % ${counts.clients})`)} as client) o,
       lateral (select jsonb_build_object('arguments', jsonb_build_object('nth', n), 'policy', 'approve',
         'principal', jsonb_build_object('id', client, 'kind', 'client'), 'tenant_id', $1::uuid,
         'tool', jsonb_build_object('definition_sha256', 'hash ' || 1 + n % 10, 'name', 'area_1.held'))::text as envelope) e`,
    [tenantId],
  );
  await sql('analyze');
}
