import { type Actor, SYSTEM } from '../../kernel/actor.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { type Id, idToUuid, newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { membershipsOf } from '../person.ts';
import { slug as slugSchema, viewWorkspace, WORKSPACE_COLUMNS, type WorkspaceView, workspaceName } from './schemas.ts';

/**
 * Makes a workspace with its one owner. Slugs are a person's own short names for their workspaces, so only a
 * slug that this owner uses already is refused. Throws ZodError for a slug or name of the wrong form.
 */
export async function createWorkspace(
  store: Store,
  input: {
    readonly slug: string;
    readonly name: string;
    readonly ownerUserId: string;
    readonly actor?: Actor;
    /** For whoever must name the workspace before it is made. */
    readonly id?: Id<'org'>;
  },
): Promise<(WorkspaceView & { readonly tenantId: string }) | Problem> {
  const { ownerUserId, actor = SYSTEM } = input;
  const given = { slug: slugSchema.parse(input.slug), name: workspaceName.parse(input.name) };
  const memberships = await membershipsOf(store, ownerUserId);
  if (memberships.some(({ slug }) => slug === given.slug)) {
    return problem('conflict', `This person already has a workspace ${given.slug}.`);
  }
  const tenantId = idToUuid(input.id ?? newId('org'));
  return store.withTenant(tenantId, async (tx) => ({
    ...(await insertWorkspace(tx, { ...given, ownerUserId, actor })),
    tenantId,
  }));
}

/** Writes the workspace of an open transaction, with its one owner. */
export async function insertWorkspace(
  tx: TenantTx,
  input: { readonly slug: string; readonly name: string; readonly ownerUserId: string; readonly actor: Actor },
): Promise<WorkspaceView> {
  const { slug, name, ownerUserId, actor } = input;
  const row = await tx.db
    .insertInto('workspaces')
    .values({ tenant_id: tx.tenantId, slug, name })
    .returning(WORKSPACE_COLUMNS)
    .executeTakeFirstOrThrow();
  await tx.db
    .insertInto('workspace_members')
    .values({ tenant_id: tx.tenantId, user_id: ownerUserId, role: 'owner' })
    .execute();
  const workspace = viewWorkspace(row);
  await audit(tx, {
    event_type: 'workspace.created',
    actor,
    resource: { kind: 'workspace', id: workspace.id },
    outcome: 'created',
    after_state: { ...workspace, owner_user_id: ownerUserId },
  });
  return workspace;
}
