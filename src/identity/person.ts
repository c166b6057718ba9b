import { idToUuid, isId } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
import type { Role } from '../store/tables.ts';

/** A signed-in person, before a workspace is known. */
export type Person = {
  readonly userId: string;
  readonly sessionId: string;
  readonly name: string;
  readonly email: string;
  /** Somebody else knows the password this sign-in was made with, or the account's first one, and it was not changed. */
  readonly mustChangePassword: boolean;
  /** The workspace that knows it, which alone can be reached; null when there is none. */
  readonly passwordKnownIn: string | null;
};

/** One of a person's workspaces, and their role there. */
export type Membership = {
  readonly tenantId: string;
  readonly slug: string;
  readonly name: string;
  readonly role: Role;
};

/**
 * The workspaces a person belongs to: the last used first, then the longest joined. One more, under any slug, must not
 * become what their requests are for.
 */
export async function membershipsOf(store: Store, userId: string): Promise<Membership[]> {
  const rows = await store.withCredential({ userId }, (db) =>
    db
      .selectFrom('workspace_members as m')
      .innerJoin('workspaces as w', 'w.tenant_id', 'm.tenant_id')
      .where('m.user_id', '=', userId)
      .select(['m.tenant_id', 'm.role', 'w.slug', 'w.name'])
      .orderBy('m.last_used_at', (order) => order.desc().nullsLast())
      .orderBy('m.created_at')
      .orderBy('m.tenant_id')
      .execute(),
  );
  return rows.map(({ tenant_id, ...rest }) => ({ tenantId: tenant_id, ...rest }));
}

/** Those of a person's workspaces that this sign-in opens: while others know the password, none but theirs. */
export function reachable(person: Person, memberships: readonly Membership[]): readonly Membership[] {
  if (!person.mustChangePassword) return memberships;
  return memberships.filter(({ tenantId }) => tenantId === person.passwordKnownIn);
}

/**
 * Picks the workspace a request is for: the named one (slug or id), else the last used. Undefined when the
 * person is not a member of what was named; whether it exists elsewhere makes no difference.
 */
export function chooseWorkspace(memberships: readonly Membership[], named: string | undefined): Membership | undefined {
  if (named === undefined) return memberships[0];
  const tenantId = isId('org', named) ? idToUuid(named) : undefined;
  return memberships.find((one) => one.slug === named || one.tenantId === tenantId);
}
