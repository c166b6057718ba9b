import { idToUuid } from '../../kernel/ids.ts';
import type { Store } from '../../store/store.ts';

/** The slug of the workspace with this id (`org_…`), or undefined when there is none. */
export async function slugOf(store: Store, workspaceId: string): Promise<string | undefined> {
  const tenantId = idToUuid(workspaceId);
  const row = await store.withTenant(tenantId, ({ db }) =>
    db.selectFrom('workspaces').select('slug').where('tenant_id', '=', tenantId).executeTakeFirst(),
  );
  return row?.slug;
}
