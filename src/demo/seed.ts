import type { App } from '../api/app.ts';
import { newCall } from '../gateway/call.ts';
import { acceptInvitation } from '../identity/invitations/accept.ts';
import { inviteMember } from '../identity/invitations/invite.ts';
import { inviteInput } from '../identity/invitations/schemas.ts';
import { randomPassword } from '../identity/passwords/hash.ts';
import { confinePasswords } from '../identity/passwords/set.ts';
import { createUser } from '../identity/users.ts';
import { createWorkspace } from '../identity/workspaces/create.ts';
import type { Actor } from '../kernel/actor.ts';
import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { type Id, newId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { createClient } from '../registry/clients/create.ts';
import { createConnector } from '../registry/connectors/create.ts';
import { createGrant } from '../registry/grants/create.ts';
import { createToken } from '../registry/tokens/create.ts';
import { createTool } from '../registry/tools/create.ts';
import { createToolInput } from '../registry/tools/schemas.ts';
import { httpConnector } from '../upstream/kinds/http/config.ts';
import { needsConnector } from '../upstream/shapes.ts';
import { DEMO_TOOLS } from './tools.ts';

/** How to sign in to the demo, as `demo.json` keeps it. */
export type DemoWorkspace = {
  readonly id: string;
  readonly slug: string;
  readonly users: { readonly email: string; readonly password: string; readonly role: string }[];
  readonly clients: { readonly id: string; readonly name: string; readonly token: string }[];
};

type People = readonly (readonly [email: string, name: string, role: 'admin' | 'member' | 'viewer'])[];

/**
 * Makes the demo's two workspaces through the same verbs as everyone's, and a few calls through the gateway. The
 * upstream is the first workspace's alone, whose id its egress exception names; the tools of the second call nothing.
 */
export async function seedDemo(app: App, upstreamUrl: string, demoId: Id<'org'>): Promise<DemoWorkspace[]> {
  const demo = await makeWorkspace(app, { id: demoId, slug: 'demo', name: 'Demo' }, [
    ['admin-1@demo.example', 'First admin', 'admin'],
    ['admin-2@demo.example', 'Second admin', 'admin'],
    ['member@demo.example', 'Member', 'member'],
    ['viewer@demo.example', 'Viewer', 'viewer'],
  ]);
  await makeTools(app, demo, upstreamUrl);
  const support = await makeClient(app, demo, 'support-agent', 'Answers customers and pays refunds.', false);
  const drafting = await makeClient(app, demo, 'drafting-agent', 'May read and draft, nothing else.', true);

  const other = await makeWorkspace(app, { id: newId('org'), slug: 'other', name: 'Other' }, []);
  await makeTools(app, other, null);
  const foreign = await makeClient(app, other, 'other-agent', 'Belongs to the other workspace.', false);

  await makeCalls(app, support.token);
  return [
    { id: demo.id, slug: demo.slug, users: demo.users, clients: [support, drafting] },
    { id: other.id, slug: other.slug, users: other.users, clients: [foreign] },
  ];
}

type Made = Pick<DemoWorkspace, 'id' | 'slug' | 'users'> & { readonly tenantId: string; readonly owner: Actor };

async function makeWorkspace(
  app: App,
  { id, slug, name }: { readonly id: Id<'org'>; readonly slug: string; readonly name: string },
  people: People,
): Promise<Made> {
  const first = await makeUser(app, `owner@${slug}.example`, 'Owner');
  const workspace = ok(await createWorkspace(app.store, { id, slug, name, ownerUserId: first.id }));
  const owner: Actor = { kind: 'member', id: first.id };
  const made = [{ ...first, role: 'owner' }];
  for (const [email, personName, role] of people) {
    const user = await makeUser(app, email, personName);
    const { token } = ok(
      await app.transact(workspace.tenantId, (tx) =>
        inviteMember({ tx, actor: owner }, inviteInput.parse({ email, role })),
      ),
    );
    ok(await acceptInvitation(app.store, sha256Hex(token), { person: { userId: user.id, email } }));
    made.push({ ...user, role });
  }
  // The demo prints the passwords, so they are good for the demo only.
  const ids = made.map(({ id }) => id);
  await app.store.people.transaction().execute((db) => confinePasswords(db, ids, workspace.tenantId));
  const users = made.map(({ id: _, ...user }) => user);
  return { id: workspace.id, slug, users, tenantId: workspace.tenantId, owner };
}

async function makeUser(app: App, email: string, name: string) {
  const password = randomPassword();
  const user = await createUser(app.store, { email, name, password });
  if (user === null) throw new Error(`${email} exists already`);
  return { id: user.id, email, password };
}

/** The demo's tools and their connector. Without an upstream the same tools keep their arguments and call nothing. */
async function makeTools(app: App, { tenantId, owner: actor }: Made, upstreamUrl: string | null): Promise<void> {
  const target = upstreamUrl === null ? { kind: 'noop', config: {} } : httpConnector(upstreamUrl);
  const connector = ok(
    await app.transact(tenantId, (tx) => createConnector({ tx, actor }, { name: 'demo-upstream', ...target })),
  );
  for (const { policy: _, ...tool } of DEMO_TOOLS) {
    const leadsOut = needsConnector(tool.handler_kind);
    const handler = leadsOut && upstreamUrl === null ? { handler_kind: 'noop', handler_config: {} } : {};
    const connector_id = leadsOut ? connector.id : null;
    ok(
      await app.transact(tenantId, (tx) =>
        createTool({ tx, actor }, createToolInput.parse({ ...tool, ...handler, connector_id })),
      ),
    );
  }
}

async function makeClient(
  app: App,
  { tenantId, owner: actor }: Made,
  name: string,
  description: string,
  draftOnly: boolean,
) {
  const client = ok(
    await app.transact(tenantId, (tx) =>
      createClient({ tx, actor }, { name, description, draft_only: draftOnly, rpm_limit: 600 }),
    ),
  );
  for (const { name: tool, policy } of DEMO_TOOLS) {
    if (policy === null) continue;
    ok(
      await app.transact(tenantId, (tx) =>
        createGrant({ tx, actor }, { clientId: client.id, tool, policy, approver_user_ids: [] }),
      ),
    );
  }
  const token = ok(
    await app.transact(tenantId, (tx) => createToken({ tx, actor }, { clientId: client.id, name: 'first token' })),
  );
  return { id: client.id, name, token: token.token };
}

/** Calls a newcomer finds when they first look: done, refused, and waiting for one and for two people. */
async function makeCalls(app: App, token: string): Promise<void> {
  const calls: [string, JsonObject][] = [
    ['help.search', { q: 'refund' }],
    ['notes.draft', { text: 'The customer of order A-1042 asked for a refund.' }],
    ['records.delete', { id: 'rec_1' }],
    ['help.search', {}],
    [
      'email.send',
      {
        to: ['customer@example.com'],
        subject: 'Your refund for order A-1042',
        body: 'Hello,\n\nwe have asked for your refund of 49.00 EUR. It takes up to five working days.\n\nThe support team',
      },
    ],
    ['refunds.create', { order_id: 'A-1042', amount: 4900, currency: 'EUR', reason: 'The parcel arrived damaged.' }],
  ];
  for (const [toolName, args] of calls) {
    const credential = app.gateway.credentialOf(`Bearer ${token}`);
    await app.gateway.dispatch(
      newCall({ via: 'rest', credential, toolName, arguments: args, executeOnApproval: true }),
    );
  }
}

function ok<T>(answer: T | Refusal | Problem): T {
  if (isRefused(answer)) throw new Error(`The demo could not be made: ${answer.detail}`);
  return answer;
}
