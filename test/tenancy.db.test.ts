import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../src/store/store.ts';
import {
  columns,
  extraPolicies,
  keysWithoutTenant,
  otherTables,
  privileges,
  referencesWithoutTenant,
  tablesWithoutKey,
  tenantTables,
  unprotectedTables,
  waysAround,
} from './support/catalogue.ts';
import { services } from './support/services.ts';
import { createTestDatabase, type TestDatabase } from './support/store.ts';
import { declaredColumns } from './support/table-types.ts';
import { insertion, seedTenantRows, TENANT_ROWS, TENANTS, USER } from './support/tenant-rows.ts';

/** What the runtime role may do at all. Whatever is missing here must not be done, by any code. */
const APP_MAY = `
  agent_execution_logs: select insert [update]
  approval_decisions: select insert delete
  approval_opens: select insert
  approvals: select insert update
  audit_log: select
  audit_pending: insert
  auth_accounts: select insert update delete
  auth_sessions: select insert update delete
  auth_users: select insert update delete
  auth_verifications: select insert update delete
  authorization_requests: select insert update delete
  client_tokens: select insert update
  connector_authorizations: select insert update delete
  connectors: select insert update
  drafts: select insert update delete
  gateway_queue: nothing
  grants: select insert update delete
  idempotency_keys: select insert delete
  installation: select insert [update]
  integration_clients: select insert update
  invitations: select insert update
  kill_switches: select insert update
  mcp_definitions: select insert update delete
  notice_choices: select insert update delete
  notices: select insert update
  notify_secrets: select insert update delete
  push_subscriptions: select insert update delete
  run_labels: select insert update delete
  schema_files: select
  secret_versions: select insert update delete
  secrets: select insert update delete
  tools: select insert update
  vapid_keys: select insert update
  webhook_backlog: nothing
  webhook_deliveries: select insert update
  webhook_endpoints: select insert update delete
  webhook_queues: select insert update delete
  workspace_members: select insert update delete
  workspaces: select insert update
`;
const COMMANDS = ['select', 'insert', 'update', 'delete'] as const;
type Command = (typeof COMMANDS)[number];
const MAY = new Map(
  APP_MAY.trim()
    .split('\n')
    .map((line) => line.trim().split(': ') as [string, string])
    .map(([table, commands]) => [table, commands === 'nothing' ? [] : commands.split(' ')]),
);

/** Which workspace the transaction is in, compared with the one whose rows it is after. */
const SETTINGS = {
  'no tenant': null,
  'an empty tenant': '',
  'the wrong tenant': TENANTS.b,
  'the right tenant': TENANTS.a,
} as const;
type Setting = keyof typeof SETTINGS;

// Only the tables known here can be iterated before a database is open; a test below holds them against the catalogue.
const cells = Object.keys(TENANT_ROWS).flatMap((table) =>
  COMMANDS.flatMap((command) => (Object.keys(SETTINGS) as Setting[]).map((setting) => ({ table, command, setting }))),
);

describe.skipIf(services.databaseUrl === undefined)('tenancy on PostgreSQL', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createTestDatabase();
    store = await Store.open({ databaseUrl: database.url, dataDir: null, poolSize: 2 });
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await seedTenantRows(admin);
  });
  afterAll(async () => {
    await admin?.end();
    await store?.close();
    await database?.drop();
  });

  /** Runs a statement as the store's own role, and takes it back. Gives the rows it touched, or the error's code. */
  async function attempt(
    settings: Record<string, string | null>,
    text: string,
    values: unknown[] = [],
  ): Promise<number | string> {
    const client = await store.engine.pool.connect();
    try {
      await client.query('begin');
      for (const [name, value] of Object.entries(settings)) {
        if (value !== null) await client.query('select set_config($1, $2, true)', [name, value]);
      }
      return (await client.query(text, values)).rowCount ?? 0;
    } catch (fault) {
      return (fault as { code?: string }).code ?? String(fault);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  const REFUSED = '42501';
  const STILL_REFERENCED = '23503';

  function statement(table: string, command: Command): [text: string, values?: unknown[]] {
    const where = `where tenant_id = '${TENANTS.a}'`;
    if (command === 'select') return [`select * from ${table} ${where}`];
    if (command === 'update') return [`update ${table} set tenant_id = tenant_id ${where}`];
    if (command === 'delete') return [`delete from ${table} ${where}`];
    const { text, values } = insertion(table, TENANT_ROWS[table]!(table === 'workspaces' ? TENANTS.c : TENANTS.a, 2));
    return [text, values];
  }

  test.each(cells)('$table: $command in $setting', async ({ table, command, setting }) => {
    const tenant =
      setting === 'the right tenant' && table === 'workspaces' && command === 'insert' ? TENANTS.c : SETTINGS[setting];
    const outcome = await attempt({ 'app.tenant_id': tenant }, ...statement(table, command));
    if (!MAY.get(table)?.includes(command)) expect(outcome).toBe(REFUSED);
    else if (setting !== 'the right tenant') expect(outcome).toBe(command === 'insert' ? REFUSED : 0);
    // Being told that rows still refer to it means having got as far as deleting it.
    else if (outcome !== STILL_REFERENCED) expect(outcome).toBeGreaterThan(0);
  });

  test.each(Object.keys(TENANT_ROWS))('%s: rows cannot be handed to another tenant', async (table) => {
    const text = `update ${table} set tenant_id = '${TENANTS.b}' where tenant_id = '${TENANTS.a}'`;
    expect(await attempt({ 'app.tenant_id': TENANTS.a }, text)).toBe(REFUSED);
  });

  test.each(Object.keys(TENANT_ROWS))(
    '%s: without a filter, the right tenant sees its own rows only',
    async (table) => {
      if (!MAY.get(table)?.includes('select')) return;
      const foreign = `select from ${table} where tenant_id <> '${TENANTS.a}'`;
      expect(await attempt({ 'app.tenant_id': TENANTS.a }, foreign)).toBe(0);
    },
  );

  test('every table with a tenant has its row in this test', async () => {
    expect(await tenantTables(admin)).toEqual(Object.keys(TENANT_ROWS).sort());
    expect(await otherTables(admin)).toEqual([...MAY.keys()].filter((table) => !(table in TENANT_ROWS)));
  });

  test('every table with a tenant has forced row level security by tenant', async () => {
    expect(await unprotectedTables(admin)).toEqual([]);
  });

  test.each([
    ['without row level security', 'create table forgotten (tenant_id uuid)'],
    [
      'with it enabled and not forced',
      "create table forgotten (tenant_id uuid); alter table forgotten enable row level security; create policy tenant on forgotten using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)",
    ],
    [
      'with it forced and no policy',
      'create table forgotten (tenant_id uuid); alter table forgotten enable row level security; alter table forgotten force row level security',
    ],
    [
      'with a policy that lets everybody in',
      'create table forgotten (tenant_id uuid); alter table forgotten enable row level security; alter table forgotten force row level security; create policy tenant on forgotten using (true)',
    ],
  ])('a new table %s would be found', async (_name, text) => {
    await admin.query('begin');
    await admin.query(text);
    const found = await unprotectedTables(admin);
    await admin.query('rollback');
    expect(found).toEqual(['forgotten']);
  });

  test('what can be seen besides is this, and nothing more', async () => {
    expect(await extraPolicies(admin)).toEqual([
      'agent_execution_logs.sequencer ALL countersign_system',
      'approvals.due SELECT countersign_system',
      'audit_log.sequencer ALL countersign_system',
      'audit_pending.sequencer ALL countersign_system',
      'client_tokens.own_token SELECT public',
      'drafts.due SELECT countersign_system',
      'gateway_queue.sequencer ALL countersign_system',
      'invitations.own_invitation SELECT public',
      'kill_switches.due SELECT countersign_system',
      'notices.due ALL countersign_system',
      'run_labels.old ALL countersign_system',
      'webhook_backlog.told ALL countersign_system',
      'webhook_deliveries.told ALL countersign_system',
      'webhook_endpoints.told SELECT countersign_system',
      'webhook_queues.told ALL countersign_system',
      'workspace_members.own_membership SELECT public',
      'workspaces.own_workspace SELECT public',
      'workspaces.versions SELECT countersign_system',
    ]);
    // It appends what it is given and compares versions, for all workspaces of a flush at once.
    expect(await waysAround(admin)).toEqual([
      'function gateway_append as countersign_system in search_path=pg_catalog, public, pg_temp',
    ]);
  });

  test('the link of an invitation finds that one and nothing else', async () => {
    const credential = { 'app.invitation_sha256': `invitation ${TENANTS.a} 1` };
    expect(await attempt(credential, 'select from invitations')).toBe(1);
    for (const table of Object.keys(TENANT_ROWS).filter(
      (name) => name !== 'invitations' && MAY.get(name)?.includes('select'),
    )) {
      expect([table, await attempt(credential, `select from ${table}`)]).toEqual([table, 0]);
    }
    expect(await attempt(credential, 'update invitations set role = role')).toBe(0);
    for (const hash of ['', 'nonsense', `invitation ${TENANTS.a} 2`]) {
      expect(await attempt({ 'app.invitation_sha256': hash }, 'select from invitations')).toBe(0);
    }
  });

  test('a token finds its own row and nothing else', async () => {
    const credential = { 'app.token_sha256': `${TENANTS.a} 1` };
    expect(await attempt(credential, 'select from client_tokens')).toBe(1);
    for (const table of Object.keys(TENANT_ROWS).filter(
      (name) => name !== 'client_tokens' && MAY.get(name)?.includes('select'),
    )) {
      expect([table, await attempt(credential, `select from ${table}`)]).toEqual([table, 0]);
    }
    expect(await attempt(credential, 'update client_tokens set name = name')).toBe(0);
    expect(await attempt({ 'app.token_sha256': '' }, 'select from client_tokens')).toBe(0);
  });

  test('a person finds their memberships and their workspaces and nothing else', async () => {
    const credential = { 'app.user_id': USER };
    const visible = new Map([
      ['workspace_members', 2],
      ['workspaces', 2],
    ]);
    for (const table of Object.keys(TENANT_ROWS).filter((name) => MAY.get(name)?.includes('select'))) {
      expect([table, await attempt(credential, `select from ${table}`)]).toEqual([table, visible.get(table) ?? 0]);
    }
    expect(await attempt(credential, "update workspace_members set role = 'owner'")).toBe(0);
    expect(await attempt({ 'app.user_id': 'usr_somebody_else' }, 'select from workspaces')).toBe(0);
  });

  test('every key and every reference between tenant tables starts with the tenant', async () => {
    // The queue is read in the order of its ids and emptied; no row of it is ever looked for.
    expect(await tablesWithoutKey(admin)).toEqual(['audit_pending']);
    expect(await keysWithoutTenant(admin)).toEqual([]);
    expect(await referencesWithoutTenant(admin)).toEqual([]);
  });

  test('the runtime role owns nothing, bypasses nothing, and may do what is listed', async () => {
    const { rows } = await store.engine.pool.query(`
      select current_user::text as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin,
        (select count(*)::int from pg_class where relowner = r.oid) as owned,
        (select count(*)::int from pg_auth_members where member = r.oid) as memberships
      from pg_roles r where rolname = current_user`);
    const none = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolcanlogin: false };
    expect(rows).toEqual([{ name: 'countersign_app', ...none, owned: 0, memberships: 0 }]);
    const listed = [...MAY].flatMap(([table, commands]) => commands.map((command) => `${table} ${command}`));
    expect(await privileges(admin, 'countersign_app')).toEqual(listed);
    const created = await attempt({}, 'create table mine (id int)');
    expect(created).toBe(REFUSED);
  });

  test('the system role moves the audit queue and sees what is due, and no contents', async () => {
    expect(await privileges(admin, 'countersign_system')).toEqual([
      'agent_execution_logs [select]',
      'agent_execution_logs insert',
      'agent_execution_logs [update]',
      'approvals [select]',
      'audit_log select',
      'audit_log insert',
      'audit_pending select',
      'audit_pending delete',
      'drafts [select]',
      'gateway_queue select',
      'gateway_queue insert',
      'gateway_queue delete',
      'kill_switches [select]',
      'notices [select]',
      'notices [update]',
      'notices delete',
      'run_labels [select]',
      'run_labels delete',
      'webhook_backlog select',
      'webhook_backlog insert',
      'webhook_backlog update',
      'webhook_backlog delete',
      'webhook_deliveries [select]',
      'webhook_deliveries insert',
      'webhook_deliveries delete',
      'webhook_endpoints [select]',
      'webhook_queues select',
      'webhook_queues insert',
      'webhook_queues update',
      'workspaces [select]',
    ]);
    for (const column of [
      'approvals.envelope',
      'drafts.arguments',
      'agent_execution_logs.arguments',
      'agent_execution_logs.result',
      'workspaces.name',
    ]) {
      const [table, name] = column.split('.');
      const { rows } = await admin.query(`select has_column_privilege('countersign_system', $1, $2, 'select') as may`, [
        table,
        name,
      ]);
      expect([column, rows[0].may]).toEqual([column, false]);
    }
  });

  test('the row types are the catalogue, column by column', async () => {
    const actual = await columns(admin);
    for (const name of [...actual.keys()]) if (name.startsWith('schema_files.')) actual.delete(name);
    const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    // A nullable column may be left out, so it need not be declared as filled in by the database.
    const optional = [...actual].map(
      ([name, { nullable, generated }]) => [name, { nullable, generated: generated && !nullable }] as const,
    );
    expect(sorted(declaredColumns())).toEqual(sorted(new Map(optional)));
  });

  test('a login that owns nothing serves just as well', async () => {
    const name = `app_${database.url.slice(-16)}`;
    await admin.query(
      `create role ${name} login password '${name}'; grant countersign_app, countersign_system to ${name}`,
    );
    const url = new URL(database.url);
    url.username = name;
    url.password = name;
    const limited = await Store.open({ databaseUrl: url.href, dataDir: null, poolSize: 1 });
    try {
      const tools = await limited.withTenant(TENANTS.a, (tx) =>
        tx.db.selectFrom('tools').select('tenant_id').execute(),
      );
      expect(new Set(tools.map(({ tenant_id }) => tenant_id))).toEqual(new Set([TENANTS.a]));
      await expect(limited.withTenant(TENANTS.a, (tx) => tx.db.deleteFrom('tools').execute())).rejects.toThrow('42501');
    } finally {
      await limited.close();
      await admin.query(`drop role ${name}`);
    }
  });

  test('a transaction names its tenant, and the connection forgets it', async () => {
    await store.withTenant(TENANTS.a, async (tx) => {
      expect(await tx.db.selectFrom('workspaces').select('tenant_id').execute()).toEqual([{ tenant_id: TENANTS.a }]);
    });
    expect(await attempt({}, 'select from workspaces')).toBe(0);
    expect(() => store.withTenant("' or true --", async () => {})).toThrow(TypeError);
  });
});
