import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
import { mustAct, pendingAudit, seedUser, seedWorkspace } from '../../../test/support/workspace.ts';
import { chooseWorkspace, membershipsOf } from '../person.ts';
import { createWorkspace } from './create.ts';
import { getWorkspace } from './get.ts';
import { rememberWorkspace } from './remember.ts';
import { updateWorkspaceInput } from './schemas.ts';
import { updateWorkspace } from './update.ts';

describe.each(engines)('workspaces on %s', (engine) => {
  let opened: TestStore;
  const store = () => opened.store;
  beforeAll(async () => {
    opened = await openTestStore(engine);
  });
  afterAll(() => opened?.close());

  test('a new workspace has its owner and its first audit entry', async () => {
    const ownerUserId = await seedUser(store());
    const made = await createWorkspace(store(), { slug: 'acme', name: 'Acme', ownerUserId });
    if ('kind' in made) throw new Error(made.detail);
    expect(made).toMatchObject({ slug: 'acme', name: 'Acme', approval_ttl_seconds: 1800 });
    expect(await membershipsOf(store(), ownerUserId)).toEqual([
      { tenantId: made.tenantId, slug: 'acme', name: 'Acme', role: 'owner' },
    ]);
    expect(await pendingAudit(store(), made.tenantId)).toMatchObject([
      { event_type: 'workspace.created', tenant_id: made.id, after_state: { owner_user_id: ownerUserId } },
    ]);

    expect(await createWorkspace(store(), { slug: 'acme', name: 'Twice', ownerUserId })).toMatchObject({
      code: 'conflict',
    });
    // Another person's workspaces are none of this one's business.
    const somebody = await seedUser(store());
    expect(await createWorkspace(store(), { slug: 'acme', name: 'Other', ownerUserId: somebody })).not.toHaveProperty(
      'code',
    );
  });

  test('settings change with before and after in the log', async () => {
    const workspace = await seedWorkspace(store());
    const after = await mustAct(store(), workspace, 'admin', (verb) =>
      updateWorkspace(verb, { name: 'Renamed', approval_ttl_seconds: 60 }),
    );
    expect(after).toMatchObject({ id: workspace.id, name: 'Renamed', approval_ttl_seconds: 60 });
    expect(await store().withTenant(workspace.tenantId, getWorkspace)).toEqual(after);
    expect((await pendingAudit(store(), workspace.tenantId)).at(-1)).toMatchObject({
      event_type: 'settings.updated',
      before_state: { name: 'Test workspace', approval_ttl_seconds: 1800 },
      after_state: { name: 'Renamed', approval_ttl_seconds: 60 },
    });
  });

  test.each([59, 604_801, 1.5, '60'])('an approval does not wait %s seconds', (approval_ttl_seconds) => {
    expect(updateWorkspaceInput.safeParse({ approval_ttl_seconds }).success).toBe(false);
  });

  test('the workspace used last is the default; another is chosen by slug or id', async () => {
    const person = await seedUser(store());
    const first = await createWorkspace(store(), { slug: 'one', name: 'one', ownerUserId: person });
    const second = await createWorkspace(store(), { slug: 'two', name: 'two', ownerUserId: person });
    if ('kind' in first || 'kind' in second) throw new Error('not made');
    expect(chooseWorkspace(await membershipsOf(store(), person), undefined)?.slug).toBe('one');

    await store().withTenant(second.tenantId, (tx) => rememberWorkspace({ tx, actor: { kind: 'member', id: person } }));
    expect((await pendingAudit(store(), second.tenantId)).at(-1)).toMatchObject({
      event_type: 'member.workspace_chosen',
      resource: { kind: 'member', id: person },
    });
    const memberships = await membershipsOf(store(), person);
    expect(chooseWorkspace(memberships, undefined)?.slug).toBe('two');
    expect(chooseWorkspace(memberships, 'one')?.tenantId).toBe(first.tenantId);
    expect(chooseWorkspace(memberships, first.id)?.slug).toBe('one');
    expect(chooseWorkspace(memberships, 'three')).toBeUndefined();
  });
});
