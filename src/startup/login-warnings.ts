import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';

type Login = { readonly name: string; readonly is_superuser: boolean; readonly bypasses: boolean };

/** What the operator should know of the login of DATABASE_URL and how the database keeps what it was told. */
export async function loginWarnings({ engine }: Store): Promise<string[]> {
  if (engine.kind === 'embedded') return [];
  const { rows } = await guarded(() =>
    engine.pool.query<Login & { fsync: string; commit: string }>(
      `select rolname as name, rolsuper as is_superuser, rolbypassrls as bypasses, current_setting('fsync') as fsync,
         current_setting('synchronous_commit') as commit
       from pg_roles where rolname = session_user`,
    ),
  );
  const { name, is_superuser, bypasses, fsync, commit } = rows[0]!;
  const warnings: string[] = [];
  if (is_superuser || bypasses) {
    warnings.push(
      `The login ${name} of DATABASE_URL ${is_superuser ? 'is a superuser' : 'bypasses row level security'}: whoever takes over ` +
        'this process reads every workspace. Write a login that is only a member of countersign_app and countersign_system.',
    );
  }
  if (fsync === 'off' || commit === 'off') {
    warnings.push(
      `The database has ${fsync === 'off' ? 'fsync' : 'synchronous_commit'} off: a crash loses acknowledged calls. Turn it on.`,
    );
  }
  return warnings;
}
