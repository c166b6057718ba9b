import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Store } from '../../store/store.ts';
import type { Tables } from '../../store/tables.ts';
import { newLinkToken } from './token.ts';

/**
 * Links that set up an empty installation, or let one person choose a password: single use, a day long, kept as a
 * hash in the table that better-auth has for such things. Time is the database's.
 */
export type LinkPurpose = 'setup' | `password:${string}`;

const LIFETIME = sql`interval '24 hours'`;
/** An installation that is started again and again without being set up leaves no more than these. */
const SETUP_LINKS_MAX = 10;

/** Makes a link's token in an open transaction. A person's earlier links end; those for setting up stay, the newest ten. */
export async function makeLink(db: Kysely<Tables>, purpose: LinkPurpose): Promise<string> {
  const { token, sha256 } = newLinkToken();
  const keep = purpose === 'setup' ? SETUP_LINKS_MAX - 1 : 0;
  await sql`
    delete from auth_verifications where "expiresAt" <= clock_timestamp() or id in (
      select id from auth_verifications where identifier = ${purpose} order by "createdAt" desc, id offset ${keep})`.execute(
    db,
  );
  await db
    .insertInto('auth_verifications')
    .values({
      id: randomUUID(),
      identifier: purpose,
      value: sha256,
      createdAt: sql<Date>`clock_timestamp()`,
      expiresAt: sql<Date>`clock_timestamp() + ${LIFETIME}`,
    })
    .execute();
  return token;
}

/** What a link is for, or undefined when it is none, was used, or its time is over. */
export async function purposeOf(store: Store, sha256: string): Promise<LinkPurpose | undefined> {
  const row = await store.people
    .selectFrom('auth_verifications')
    .where('value', '=', sha256)
    .where('expiresAt', '>', sql<Date>`clock_timestamp()`)
    .select('identifier')
    .executeTakeFirst();
  return row?.identifier as LinkPurpose | undefined;
}

/** Uses a link up in an open transaction: of two at once, one gets its purpose. */
export async function spendLink(db: Kysely<Tables>, sha256: string): Promise<LinkPurpose | undefined> {
  const row = await db
    .deleteFrom('auth_verifications')
    .where('value', '=', sha256)
    .where('expiresAt', '>', sql<Date>`clock_timestamp()`)
    .returning('identifier')
    .executeTakeFirst();
  return row?.identifier as LinkPurpose | undefined;
}

/** The person whose password a link is for, if it is for one. */
export function personOf(purpose: LinkPurpose | undefined): string | undefined {
  return purpose?.startsWith('password:') ? purpose.slice('password:'.length) : undefined;
}
