import type { Kysely } from 'kysely';
import { deny, type Refusal } from '../kernel/codes.ts';
import type { TenantTx } from '../store/store.ts';
import type { Role, Tables } from '../store/tables.ts';
import type { Person } from './person.ts';
import { isAlive } from './sessions.ts';

/** Whether a transaction only asks, or also keeps what it was told as it is until it ends. */
export type Firmness = 'look' | 'hold';

/**
 * The role this person has in the transaction's workspace now, or why they have none: signed out, or no member. Who
 * removes them, gives them another role or signs them out meanwhile waits for a transaction that holds the answer, so
 * what it does is done before that, or not at all. A verb that changes the configuration takes its lock first.
 */
export async function presentRole(
  tx: TenantTx,
  { userId, sessionId }: Pick<Person, 'userId' | 'sessionId'>,
  firmness: Firmness,
): Promise<{ readonly role: Role } | Refusal> {
  let query = tx.db
    .selectFrom('workspace_members as m')
    .innerJoin('auth_sessions as s', 's.userId', 'm.user_id')
    .where('m.tenant_id', '=', tx.tenantId)
    .where('m.user_id', '=', userId)
    .where('s.id', '=', sessionId)
    .where(isAlive('s'))
    .select('m.role');
  if (firmness === 'hold') query = query.forShare('m').forKeyShare('s');
  const found = await query.executeTakeFirst();
  if (found !== undefined) return found;
  return (await refuseSignedOut(tx.db, sessionId, 'look')) ?? deny('cross_tenant');
}

/** The refusal of a sign-in that has ended, or undefined. Signing it out waits for a transaction that holds it. */
export async function refuseSignedOut(
  db: Kysely<Tables>,
  sessionId: string,
  firmness: Firmness,
): Promise<Refusal | undefined> {
  let query = db.selectFrom('auth_sessions as s').where('s.id', '=', sessionId).where(isAlive('s')).select('s.id');
  if (firmness === 'hold') query = query.forKeyShare('s');
  return (await query.executeTakeFirst()) === undefined ? deny('unauthenticated', 'Sign in first.') : undefined;
}
