import { may, type Permission } from '../identity/permissions.ts';
import type { Person } from '../identity/person.ts';
import { type Firmness, presentRole, refuseSignedOut } from '../identity/standing.ts';
import { lockConfiguration } from '../identity/workspaces/lock-configuration.ts';
import { isRefused, type Problem, problem, type Refusal } from '../kernel/codes.ts';
import { refuseToken } from '../registry/tokens/standing.ts';
import type { TenantTx } from '../store/store.ts';
import type { Role } from '../store/tables.ts';
import type { App } from './app.ts';
import type { Caller, PersonTransact, Route, Transact } from './route.ts';

/** The refusal of a role that does not carry a permission. */
export function refuseRole(role: Role, permission: Permission): Problem | undefined {
  if (may(role, permission)) return undefined;
  return problem('forbidden', `This needs the permission ${permission}, which the role ${role} does not have.`);
}

/** Who asks, as they stand in this transaction: the sign-in or token, the membership and the role are asked again. */
export async function presentCaller(
  tx: TenantTx,
  caller: Caller,
  permission: Permission,
  firmness: Firmness,
): Promise<Caller | Refusal | Problem> {
  if (caller.kind === 'client') return (await refuseToken(tx, caller.tokenId, firmness !== 'look')) ?? caller;
  const present = await presentRole(tx, caller, firmness);
  if (isRefused(present)) return present;
  return refuseRole(present.role, permission) ?? { ...caller, role: present.role };
}

/**
 * The transactions of one request. Each asks first whether its caller still may, and one that changes something holds
 * the answer until it ends; a `no` rolls it back. Reading and waiting for a body take as long as the sender likes, so
 * what was asked before them counts for nothing here.
 */
export function transactionsOf(
  app: App,
  tenantId: string,
  caller: Caller,
  route: Route,
): { readonly look: Transact; readonly transact: Transact } {
  const permission = route.permission as Permission;
  const within =
    (firmness: Firmness, locks: boolean): Transact =>
    (verb) =>
      app.transact(tenantId, async (tx) => {
        // The order of locks is the same everywhere: the configuration's, then the caller's rows, then all others.
        if (locks) await lockConfiguration(tx);
        const present = await presentCaller(tx, caller, permission, firmness);
        return isRefused(present) ? present : verb(tx, present);
      });
  const look = within('look', false);
  const isReading = route.method === 'get' && !route.audited;
  return { look, transact: isReading ? look : within('hold', route.lock !== 'none') };
}

/** The same for a person in no particular workspace: they must be signed in until the transaction ends. */
export function personTransactOf(app: App, { sessionId }: Person): PersonTransact {
  return (tenantId, verb) =>
    app.transact(tenantId, async (tx) => (await refuseSignedOut(tx.db, sessionId, 'hold')) ?? verb(tx));
}
