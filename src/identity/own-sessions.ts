import { sql } from 'kysely';
import { z } from 'zod';
import { type Problem, problem, type Refusal } from '../kernel/codes.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { inOwnLog } from './own-log.ts';
import type { Person } from './person.ts';
import { IDLE } from './sessions.ts';
import { refuseSignedOut } from './standing.ts';

/** As many as a person is shown; each ends by itself within a week. */
const SHOWN_MAX = 100;

export const sessionView = z.object({
  id: z.string(),
  current: z.boolean(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().describe('To five minutes.'),
  expires_at: z.iso.datetime(),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
});
export type SessionView = z.infer<typeof sessionView>;

/** A person's sign-ins that have not ended, the last used first. Never their tokens. */
export async function listSessions(store: Store, person: Person): Promise<SessionView[]> {
  const rows = await guarded(() =>
    store.people
      .selectFrom('auth_sessions')
      .where('userId', '=', person.userId)
      .where('expiresAt', '>', sql<Date>`clock_timestamp()`)
      .where('updatedAt', '>', sql<Date>`clock_timestamp() - ${IDLE}`)
      .select(['id', 'createdAt', 'updatedAt', 'expiresAt', 'ipAddress', 'userAgent'])
      .orderBy('updatedAt', 'desc')
      .orderBy('id')
      .limit(SHOWN_MAX)
      .execute(),
  );
  return rows.map(({ id, createdAt, updatedAt, expiresAt, ipAddress, userAgent }) => ({
    id,
    current: id === person.sessionId,
    created_at: createdAt.toISOString(),
    last_used_at: updatedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    ip: ipAddress || null,
    user_agent: userAgent || null,
  }));
}

/** Ends one of a person's sign-ins, or without an id every other one; not for a sign-in that has been ended meanwhile. */
export async function endSessions(
  store: Store,
  person: Person,
  ip: string,
  id: string | undefined,
): Promise<undefined | Problem | Refusal> {
  const { userId, sessionId } = person;
  const actor = { kind: 'member', id: userId, session: sessionId, ip } as const;
  let refused: Refusal | undefined;
  const ended = await inOwnLog(
    store,
    userId,
    { event_type: 'member.sessions_ended', actor, outcome: 'ended', data: { which: id ?? 'others' } },
    async (db) => {
      refused = await refuseSignedOut(db, sessionId, 'hold');
      if (refused !== undefined) return undefined;
      const ending = db.deleteFrom('auth_sessions').where('userId', '=', userId);
      const rows = await (id === undefined ? ending.where('id', '<>', sessionId) : ending.where('id', '=', id))
        .returning('id')
        .execute();
      return rows.length > 0 ? rows : undefined;
    },
  );
  if (refused !== undefined) return refused;
  return ended === undefined && id !== undefined ? problem('not_found') : undefined;
}
