import { change } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';
import { authorizationState, findAuthorization, readAuthorization } from './read.ts';

/** Takes back what a connector is authorized to do: its tokens are forgotten, and its calls are refused from now on. */
export async function endAuthorization(ctx: Verb, connectorId: string): Promise<undefined | Problem> {
  const { tx } = ctx;
  const ended = await change(ctx, {
    read: () => findAuthorization(tx, connectorId, ''),
    async update() {
      const { numDeletedRows } = await tx.db
        .deleteFrom('connector_authorizations')
        .where('tenant_id', '=', tx.tenantId)
        .where('connector_id', '=', connectorId)
        .executeTakeFirst();
      return numDeletedRows === 0n ? problem('conflict', 'The connector is not authorized.') : undefined;
    },
    event: {
      type: 'connector.revoked',
      kind: 'connector',
      id: connectorId,
      outcome: 'authorization_revoked',
      state: authorizationState,
    },
  });
  return isRefused(ended) ? ended : undefined;
}

/** Forgets the tokens of a connector that is revoked, and what was begun for it. */
export async function forgetAuthorization(tx: TenantTx, connectorId: string): Promise<void> {
  for (const table of ['connector_authorizations', 'authorization_requests'] as const) {
    await tx.db
      .deleteFrom(table)
      .where('tenant_id', '=', tx.tenantId)
      .where('connector_id', '=', connectorId)
      .execute();
  }
}

/** Notes that a provider gives no further tokens, unless others were given meanwhile. The old ones are forgotten. */
export async function noteEnded(
  ctx: Verb,
  { connectorId, number, reason }: { readonly connectorId: string; readonly number: number; readonly reason: string },
): Promise<void> {
  const { tx } = ctx;
  await change(ctx, {
    read: () => findAuthorization(tx, connectorId, ''),
    async update() {
      if ((await readAuthorization(tx, connectorId))?.number !== number) return 'unchanged';
      await tx.db
        .updateTable('connector_authorizations')
        .set({ ended: reason, sealed: '', renewable: false, renewing_until: null })
        .where('tenant_id', '=', tx.tenantId)
        .where('connector_id', '=', connectorId)
        .execute();
      return undefined;
    },
    event: {
      type: 'connector.revoked',
      kind: 'connector',
      id: connectorId,
      outcome: 'authorization_ended',
      state: authorizationState,
    },
  });
}
