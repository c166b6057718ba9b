import type { TenantTx } from '../../store/store.ts';
import { visible } from './read.ts';
import type { Viewer } from './views.ts';

/** Those of the approvals that this viewer would find in the list. */
export async function visibleAmong(tx: TenantTx, viewer: Viewer, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await visible(tx, viewer)
    .where('a.id', 'in', [...new Set(ids)])
    .execute();
  return new Set(rows.map(({ id }) => id));
}
