import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { migrate } from '../src/store/schema/migrate.ts';
import { services } from './support/services.ts';

const folder = new URL('../src/store/migrations/', import.meta.url);
const TENANT = '0190d9c0-0000-7000-8000-000000000001';

describe.skipIf(!services.databaseUrl)('an update of a database in use', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    cleanUps.push(() => client.end());
    return client;
  }

  /** A database of a new owner, who is no superuser, and a connection of a superuser to it. */
  async function newDatabase(attributes: string): Promise<{ owner: pg.Client; superuser: pg.Client }> {
    const name = `upgrade_${randomBytes(6).toString('hex')}`;
    const server = await connect(services.databaseUrl!);
    for (const role of ['countersign_app', 'countersign_system']) {
      const { rowCount } = await server.query('select from pg_roles where rolname = $1', [role]);
      if (rowCount === 0) await server.query(`create role ${role} nologin`);
    }
    await server.query(`create role ${name} login createrole ${attributes} password '${name}'`);
    await server.query(`grant countersign_app, countersign_system to ${name}`);
    await server.query(`create database ${name} owner ${name}`);
    cleanUps.push(async () => {
      await server.query(`drop database ${name} with (force)`);
      await server.query(`drop owned by ${name}`);
      await server.query(`drop role ${name}`);
    });
    const url = new URL(services.databaseUrl!);
    url.pathname = `/${name}`;
    const superuser = await connect(url.href);
    await superuser.query(`alter schema public owner to ${name}`);
    url.username = name;
    url.password = name;
    return { owner: await connect(url.href), superuser };
  }

  /** Brings the schema from wherever it is to where it was before a migration. */
  async function migrateBefore(client: pg.Client, name: string): Promise<void> {
    await client.query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz default now())',
    );
    const { rows } = await client.query<{ name: string }>('select name from schema_migrations');
    const applied = new Set(rows.map((row) => row.name));
    for (const file of readdirSync(folder).sort()) {
      if (file >= name) return;
      if (applied.has(file)) continue;
      await client.query('begin');
      await client.query(readFileSync(new URL(file, folder), 'utf8'));
      await client.query('insert into schema_migrations (name) values ($1)', [file]);
      await client.query('commit');
    }
  }

  test.each([
    ['inherits the roles it is given', 'inherit'],
    ['does not', 'noinherit'],
  ])('whose owner %s: every payload is moved, and what was queued is chained', async (_name, attributes) => {
    const { owner, superuser } = await newDatabase(attributes);
    await migrateBefore(owner, '0006');
    await superuser.query(`insert into workspaces (tenant_id, slug, name) values ('${TENANT}', 'w', 'W')`);
    await superuser.query(
      `insert into agent_execution_logs (tenant_id, id, status, principal_kind, principal_id, tool_name, arguments, result, error)
       values ($1, 'exe_1', 'executed', 'client', 'icl_1', 'mail.send', '{"a":1}', '"sent"', null),
         ($1, 'exe_2', 'failed', 'client', 'icl_1', 'mail.send', '{}', null, '{"code":"upstream_error"}'),
         ($1, 'exe_3', 'denied', 'client', 'icl_1', 'mail.send', null, null, null)`,
      [TENANT],
    );
    await superuser.query(
      `insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry)
       values ($1, now(), 'execution.executed', 'client', 'icl_1', 'execution', 'exe_1', 'executed', '{}')`,
      [TENANT],
    );

    await migrateBefore(owner, '0007');
    await superuser.query(
      `insert into audit_pending (tenant_id, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome, entry,
         records, recorded_at, deadline_at, tool_name)
       values ($1, now(), 'execution.started', 'client', 'icl_1', 'execution', 'exe_4', 'running', '{}', 'call', now(),
           now() + interval '35 s', 'mail.send'),
         ($1, now(), 'execution.executed', 'client', 'icl_1', 'execution', 'exe_4', 'executed', '{}', 'outcome', now(), null, null)`,
      [TENANT],
    );
    await superuser.query(
      `insert into execution_payloads values ($1, 'exe_4', 'arguments', '{"b":1}'), ($1, 'exe_4', 'result', '"queued"')`,
      [TENANT],
    );

    await migrate(owner);

    await owner.query('set role countersign_system');
    const moved = await owner.query('select moved from audit_sequence(10, true, 0)');
    expect(moved.rows).toEqual([{ moved: 3 }]);
    const { rows } = await superuser.query(
      'select id, status, arguments, result, error, deadline_at - created_at as time from agent_execution_logs order by id',
    );
    const none = { arguments: null, result: null, error: null, time: null };
    expect(rows).toEqual([
      { ...none, id: 'exe_1', status: 'executed', arguments: '{"a":1}', result: '"sent"' },
      { ...none, id: 'exe_2', status: 'failed', arguments: '{}', error: '{"code":"upstream_error"}' },
      { ...none, id: 'exe_3', status: 'denied' },
      { ...none, id: 'exe_4', status: 'executed', arguments: '{"b":1}', result: '"queued"', time: { seconds: 35 } },
    ]);
    const forced = await superuser.query(
      `select relname from pg_class where relname in ('agent_execution_logs', 'audit_pending', 'gateway_queue')
       and relforcerowsecurity order by 1`,
    );
    expect(forced.rowCount).toBe(3);
  });
});
