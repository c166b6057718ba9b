import { sql } from 'kysely';
import { type Actor, SYSTEM } from '../../kernel/actor.ts';
import { type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { idToUuid, newId } from '../../kernel/ids.ts';
import type { Store } from '../../store/store.ts';
import { transact } from '../../store/transact.ts';
import { makeLink, spendLink } from '../links/one-time.ts';
import { insertUser, type NewUser } from '../users.ts';
import { insertWorkspace } from './create.ts';
import type { WorkspaceView } from './schemas.ts';

/** Two who set up at the same time: one does. */
const SETUP_LOCK = 7_302_011_993;

/** Makes the token of a link that sets up an empty installation, or undefined where somebody has an account. */
export function makeSetupLink(store: Store): Promise<string | undefined> {
  return store.people.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${SETUP_LOCK})`.execute(db);
    const someone = await db.selectFrom('auth_users').select('id').limit(1).executeTakeFirst();
    return someone === undefined ? makeLink(db, 'setup') : undefined;
  });
}

/**
 * Makes the first person and their workspace, all or nothing, and only while there is nobody. `link` is the hash of a
 * set-up link, which is used up by it; without one (from the command line) whoever can write the database may.
 */
export async function found(
  store: Store,
  input: {
    readonly owner: NewUser;
    readonly workspace: { readonly slug: string; readonly name: string };
    readonly link?: string;
    readonly ip?: string;
  },
): Promise<{ workspace: WorkspaceView; ownerUserId: string } | Refusal | Problem> {
  const { owner, workspace, link, ip } = input;
  const id = newId('org');
  return transact(store, idToUuid(id), async (tx) => {
    await sql`select pg_advisory_xact_lock(${SETUP_LOCK})`.execute(tx.db);
    if (link !== undefined && (await spendLink(tx.db, link)) !== 'setup') return problem('link_invalid');
    const someone = await tx.db.selectFrom('auth_users').select('id').limit(1).executeTakeFirst();
    if (someone !== undefined) return problem('conflict', 'Countersign has been set up already. Sign in.');
    await tx.db.deleteFrom('auth_verifications').where('identifier', '=', 'setup').execute();
    const user = (await insertUser(tx.db, owner))!;
    const actor: Actor = link === undefined ? SYSTEM : { kind: 'member', id: user.id, ...(ip && { ip }) };
    return {
      workspace: await insertWorkspace(tx, { ...workspace, ownerUserId: user.id, actor }),
      ownerUserId: user.id,
    };
  });
}
