import { sql } from 'kysely';
import type { Problem } from '../../kernel/codes.ts';
import { type NamedSecret, secretsNamedIn } from '../../kernel/secret-reference.ts';
import type { TenantTx } from '../../store/store.ts';
import { authorizationOf, hostOfConnector } from '../../upstream/shapes.ts';
import { fieldProblem } from '../config-check.ts';

type Leads = { readonly kind: string; readonly config: unknown };
type Named = { readonly field: string; readonly config: unknown };

/**
 * Why configurations cannot name the secrets that they name, with the field that does: each has to be there, and bound to
 * the host that `connector` leads to. A secret is bound by entering its value, so that nobody who does not know it can
 * have it sent elsewhere. The secret of a client at a provider goes to where that gives tokens. Where only clients have values of their own, one of them is enough.
 */
export async function checkNamed(
  tx: TenantTx,
  connector: Leads | null,
  configs: readonly Named[],
): Promise<Problem | undefined> {
  const named = configs.flatMap(({ field, config }) => secretsNamedIn(config, [field]));
  if (named.length === 0) return undefined;
  const ofConnector = connector && hostOfConnector(connector.kind, connector.config);
  const provider = connector && authorizationOf(connector.kind, connector.config);
  if (ofConnector === null) return fieldProblem(placeOf(named[0]!), 'no secret is sent from here: nothing is called');
  const bindings = await bindingsOf(tx, named);
  for (const one of named) {
    const host =
      provider !== null && one.place.slice(-2).join('.') === 'authorization.client_secret'
        ? provider.tokenHost
        : ofConnector;
    const hosts = bindings.get(one.name);
    if (hosts?.includes(host)) continue;
    const message =
      hosts === undefined
        ? `there is no secret ${one.name}; enter it first, bound to ${host}`
        : `the secret ${one.name} is not bound to ${host}; enter its value again with that host among its hosts`;
    return fieldProblem(placeOf(one), message);
  }
  return undefined;
}

function placeOf({ place }: NamedSecret): string {
  return place.join('.');
}

/** The hosts that each is bound to: as the workspace's own or, where it has none, as any client's. */
async function bindingsOf(tx: TenantTx, named: readonly NamedSecret[]): Promise<ReadonlyMap<string, string[]>> {
  const names = [...new Set(named.map(({ name }) => name))];
  const rows = await tx.db
    .selectFrom('secrets')
    .select(['name', 'client_id', 'hosts'])
    .where('tenant_id', '=', tx.tenantId)
    .where('name', 'in', names)
    .orderBy(sql`client_id is null`)
    .execute();
  const bindings = new Map<string, string[]>();
  for (const { name, client_id, hosts } of rows) {
    bindings.set(name, client_id === null ? hosts : [...(bindings.get(name) ?? []), ...hosts]);
  }
  return bindings;
}
