import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { insertUser } from '../../src/identity/users.ts';
import type { Verb } from '../../src/identity/verb.ts';
import { createWorkspace } from '../../src/identity/workspaces/create.ts';
import { isRefused, type Problem, type Refusal } from '../../src/kernel/codes.ts';
import type { Store } from '../../src/store/store.ts';
import type { Role } from '../../src/store/tables.ts';
import { transact } from '../../src/store/transact.ts';
import { QUEUED } from './queued.ts';

export type TestWorkspace = {
  readonly tenantId: string;
  readonly id: string;
  readonly slug: string;
  /** One person of each role. They cannot sign in: their password hash is no hash. */
  readonly users: Readonly<Record<Role, string>>;
};

/** A person nobody can sign in as. For sign-in tests use `createUser`, which takes the time hashing takes. */
export async function seedUser(store: Store, name = 'Someone'): Promise<string> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const user = await store.people.transaction().execute((db) => insertUser(db, { email, name, passwordHash: '-' }));
  return user!.id;
}

/** A workspace with one person of each role. */
export async function seedWorkspace(store: Store): Promise<TestWorkspace> {
  const owner = await seedUser(store, 'Owner');
  const slug = `w-${randomBytes(6).toString('hex')}`;
  const workspace = await createWorkspace(store, { slug, name: 'Test workspace', ownerUserId: owner });
  if (isRefused(workspace)) throw new Error(workspace.detail);
  const { tenantId, id } = workspace;
  const users: Record<Role, string> = { owner, admin: '', member: '', viewer: '' };
  for (const role of ['admin', 'member', 'viewer'] as const) {
    users[role] = await seedUser(store, role);
    await store.withTenant(tenantId, (tx) =>
      tx.db.insertInto('workspace_members').values({ tenant_id: tenantId, user_id: users[role], role }).execute(),
    );
  }
  return { tenantId, id, slug, users };
}

/** Runs a verb as one of the workspace's people, in a transaction of its own that a refusal rolls back. */
export function act<T>(
  store: Store,
  workspace: TestWorkspace,
  role: Role,
  work: (verb: Verb) => Promise<T | Refusal | Problem>,
): Promise<T | Refusal | Problem> {
  const actor = { kind: 'member', id: workspace.users[role] } as const;
  return transact(store, workspace.tenantId, (tx) => work({ tx, actor }));
}

/** The same for a verb that must say yes. */
export async function mustAct<T>(
  store: Store,
  workspace: TestWorkspace,
  role: Role,
  work: (verb: Verb) => Promise<T | Refusal | Problem>,
): Promise<T> {
  const answer = await act(store, workspace, role, work);
  if (isRefused(answer)) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

/** The audit entries of a workspace that are written but not yet chained, oldest first. */
export async function pendingAudit(store: Store, tenantId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await store.asSystem((db) =>
    sql<{ entry: string }>`select entry from (${sql.raw(QUEUED)}) queued where tenant_id = ${tenantId}
      order by id, place`.execute(db),
  );
  return rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>);
}
