import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { migrate } from '../src/store/schema/migrate.ts';
import { services } from './support/services.ts';

const TENANT = '0190d9c0-0000-7000-8000-000000000001';

describe.skipIf(!services.databaseUrl)('the schema of a database in use', () => {
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
  async function newDatabase(attributes = 'inherit'): Promise<{ owner: pg.Client; superuser: pg.Client }> {
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

  test.each(['inherit', 'noinherit'])(
    'is made once, and its functions again when they change (%s)',
    async (attributes) => {
      const { owner, superuser } = await newDatabase(attributes);
      const first = await migrate(owner);
      expect(first[0]).toBe('tables/0001_people.sql');
      expect(first.at(-1)).toBe('grants.sql');
      expect(await migrate(owner)).toEqual([]);

      await superuser.query(`insert into workspaces (tenant_id, slug, name) values ('${TENANT}', 'w', 'W')`);
      await superuser.query("update schema_files set sha256 = 'of an earlier version' where name ~ '^functions/'");
      const again = await migrate(owner);
      expect(again.at(-1)).toBe('grants.sql');
      expect(again).toEqual(first.filter((name) => !name.startsWith('tables/')));
      expect(await migrate(owner)).toEqual([]);

      const { rows } = await superuser.query(
        "select proowner::regrole::text as owner from pg_proc where proname = 'gateway_append'",
      );
      expect(rows).toEqual([{ owner: 'countersign_system' }]);
      await owner.query('set role countersign_app');
      expect((await owner.query('select from workspaces')).rowCount).toBe(0);
      await owner.query(`select set_config('app.tenant_id', '${TENANT}', false)`);
      expect((await owner.query('select from workspaces')).rowCount).toBe(1);
    },
  );

  test('is given its policies and grants again when they were lost on the way', async () => {
    const { owner, superuser } = await newDatabase();
    await migrate(owner);
    await superuser.query('revoke all on all tables in schema public from countersign_app, countersign_system');
    await superuser.query('drop policy sequencer on audit_pending');
    await superuser.query('alter table grants no force row level security');
    expect(await migrate(owner)).toEqual([]);
    expect(await migrate(owner, { anew: true })).toContain('grants.sql');
    const { rows } = await superuser.query(
      `select has_table_privilege('countersign_app', 'grants', 'select') as may,
        (select relforcerowsecurity from pg_class where relname = 'grants') as forced,
        exists (select from pg_policies where policyname = 'sequencer' and tablename = 'audit_pending') as policy`,
    );
    expect(rows).toEqual([{ may: true, forced: true, policy: true }]);
  });

  test.each([
    ['a newer revision', "update schema_files set revision = 999 where name = 'grants.sql'", /revision 999, newer/],
    ['a table file it does not know', "insert into schema_files values ('tables/9999_later.sql', 'x', 1)", /newer/],
    ['another table file', "update schema_files set sha256 = 'x' where name = 'tables/0001_people.sql'", /0001_people/],
    ['an old form', 'drop table schema_files; create table schema_migrations (name text)', /before 0\.1\.0/],
  ])('is refused with %s, and left as it is', async (_name, change, sentence) => {
    const { owner, superuser } = await newDatabase();
    await migrate(owner);
    await superuser.query(change);
    await expect(migrate(owner)).rejects.toThrow(sentence);
    expect((await superuser.query('select from workspaces')).rowCount).toBe(0);
  });
});
