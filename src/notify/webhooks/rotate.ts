import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { updateVersion } from '../../identity/versioned.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';
import { writeKept } from '../secrets.ts';
import { findEndpoint } from './read.ts';
import type { EndpointView } from './schemas.ts';

/** The old secret signs beside the new one for so long. */
const OVERLAP_MS = 24 * 3_600_000;

/** The number that the next secret of an endpoint will have; undefined where there is no such endpoint. */
export async function nextSecretNumber({ db, tenantId }: TenantTx, id: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('webhook_endpoints')
    .select('secret_number')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && row.secret_number + 1;
}

/** Gives an endpoint a new secret, sealed under `number`. Says `version_mismatch` where that is no longer the next one. */
export function rotateSecret(
  ctx: Verb,
  { id, number, sealed, ifVersion }: { id: string; number: number; sealed: string; ifVersion: number | undefined },
): Promise<EndpointView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findEndpoint(tx, id),
    async update({ version }) {
      if ((await nextSecretNumber(tx, id)) !== number) return problem('version_mismatch');
      const row = { id, version: ifVersion ?? version };
      const written = await updateVersion(tx, 'webhook_endpoints', row, { secret_number: number });
      if (written) return written;
      await writeKept(tx, { secret_id: id, number, sealed }, new Date(tx.at.getTime() + OVERLAP_MS));
      return undefined;
    },
    event: {
      type: 'webhook.secret_rotated',
      kind: 'webhook',
      id,
      data: ({ old_secret_until }) => ({ old_secret_until }),
    },
  });
}
