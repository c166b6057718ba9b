import type { App } from '../api/app.ts';
import { newCall } from '../gateway/call.ts';
import { acceptIn } from '../identity/invitations/accept.ts';
import { inviteMember } from '../identity/invitations/invite.ts';
import { inviteInput } from '../identity/invitations/schemas.ts';
import { hashPassword, randomPassword } from '../identity/passwords/hash.ts';
import { confinePasswords } from '../identity/passwords/set.ts';
import { insertUser } from '../identity/users.ts';
import type { Verb } from '../identity/verb.ts';
import { insertWorkspace } from '../identity/workspaces/create.ts';
import { type Actor, SYSTEM } from '../kernel/actor.ts';
import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { type Id, idToUuid, newId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { createClient } from '../registry/clients/create.ts';
import { createConnector } from '../registry/connectors/create.ts';
import { createGrant } from '../registry/grants/create.ts';
import { createToken } from '../registry/tokens/create.ts';
import { createTool } from '../registry/tools/create.ts';
import { createToolInput } from '../registry/tools/schemas.ts';
import type { TenantTx } from '../store/store.ts';
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
type Agent = readonly [name: string, description: string, draftOnly: boolean];
type Plan = {
  readonly slug: string;
  readonly name: string;
  readonly people: People;
  readonly agents: readonly Agent[];
};

const DEMO: Plan = {
  slug: 'demo',
  name: 'Demo',
  people: [
    ['admin-1@demo.example', 'First admin', 'admin'],
    ['admin-2@demo.example', 'Second admin', 'admin'],
    ['member@demo.example', 'Member', 'member'],
    ['viewer@demo.example', 'Viewer', 'viewer'],
  ],
  agents: [
    ['support-agent', 'Answers customers and pays refunds.', false],
    ['drafting-agent', 'May read and draft, nothing else.', true],
  ],
};
const OTHER: Plan = {
  slug: 'other',
  name: 'Other',
  people: [],
  agents: [['other-agent', 'Belongs to the other workspace.', false]],
};

/** What an earlier start, perhaps one that was cut short, has kept of the demo, and how to keep what this one adds. */
export type DemoKept = {
  readonly workspaces: readonly DemoWorkspace[];
  /** Called with all there is so far, before a workspace is committed: nobody could sign in to one that was not kept. */
  readonly keep: (workspaces: readonly DemoWorkspace[]) => void;
};

/**
 * Makes the demo's two workspaces through the same verbs as everyone's, and a few calls through the gateway. The
 * upstream is the first workspace's alone, whose id its egress exception names; the tools of the second call nothing.
 * What is there already is left as it is, so a start that was cut short at any moment is continued by the next.
 */
export async function seedDemo(
  app: App,
  upstreamUrl: string,
  demoId: Id<'org'>,
  kept: DemoKept = { workspaces: [], keep: () => {} },
): Promise<DemoWorkspace[]> {
  const workspaces: DemoWorkspace[] = [];
  for (const [plan, id, upstream] of [
    [DEMO, demoId, upstreamUrl],
    [OTHER, newId('org'), null],
  ] as const) {
    const earlier = kept.workspaces.find(({ slug }) => slug === plan.slug);
    workspaces.push(
      earlier !== undefined && (await isThere(app, earlier))
        ? earlier
        : await makeWorkspace(app, plan, id, upstream, (made) => kept.keep([...workspaces, made])),
    );
  }
  const [agent, drafting] = workspaces[0]!.clients;
  await makeCalls(app, agent!.token, CALLS);
  await makeCalls(app, drafting!.token, DRAFTED);
  return workspaces;
}

/** Whether the database has this workspace. */
export async function isThere(app: App, { id }: DemoWorkspace): Promise<boolean> {
  const row = await app.store.withTenant(idToUuid(id), (tx) =>
    tx.db.selectFrom('workspaces').select('slug').where('tenant_id', '=', tx.tenantId).executeTakeFirst(),
  );
  return row !== undefined;
}

/** Makes a workspace with everything in it in one transaction: it is there as a whole or not at all. */
async function makeWorkspace(
  app: App,
  { slug, name, people, agents }: Plan,
  id: Id<'org'>,
  upstreamUrl: string | null,
  keep: (made: DemoWorkspace) => void,
): Promise<DemoWorkspace> {
  // Hashing takes longer than a transaction should.
  const first = await newPerson(`owner@${slug}.example`, 'Owner');
  const others = await Promise.all(people.map(([email, personName]) => newPerson(email, personName)));
  return app.store.withTenant(idToUuid(id), async (tx) => {
    const actor: Actor = { kind: 'member', id: await insertPerson(tx, first) };
    const workspace = await insertWorkspace(tx, { slug, name, ownerUserId: actor.id, actor: SYSTEM });
    const ids = [actor.id];
    for (const [place, [email, , role]] of people.entries()) {
      const userId = await insertPerson(tx, others[place]!);
      const { token } = ok(await inviteMember({ tx, actor }, inviteInput.parse({ email, role })));
      ok(await acceptIn(tx, sha256Hex(token), { person: { userId, email } }));
      ids.push(userId);
    }
    // The demo prints the passwords, so they are good for the demo only.
    await confinePasswords(tx.db, ids, tx.tenantId);
    await makeTools({ tx, actor }, upstreamUrl);
    const clients: DemoWorkspace['clients'] = [];
    for (const agent of agents) clients.push(await makeClient({ tx, actor }, agent));
    const users = [first, ...others].map(({ email, password }, place) => ({
      email,
      password,
      role: place === 0 ? 'owner' : people[place - 1]![2],
    }));
    const made = { id: workspace.id, slug, users, clients };
    keep(made);
    return made;
  });
}

type NewPerson = {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly passwordHash: string;
};

async function newPerson(email: string, name: string): Promise<NewPerson> {
  const password = randomPassword();
  return { email, name, password, passwordHash: await hashPassword(password) };
}

async function insertPerson({ db }: TenantTx, { email, name, passwordHash }: NewPerson): Promise<string> {
  const user = await insertUser(db, { email, name, passwordHash });
  if (user === null) throw new Error(`${email} exists already`);
  return user.id;
}

/** The demo's tools and their connector. Without an upstream the same tools keep their arguments and call nothing. */
async function makeTools(verb: Verb, upstreamUrl: string | null): Promise<void> {
  const target = upstreamUrl === null ? { kind: 'noop', config: {} } : httpConnector(upstreamUrl);
  const connector = ok(await createConnector(verb, { name: 'demo-upstream', ...target }));
  for (const { policy: _, ...tool } of DEMO_TOOLS) {
    const leadsOut = needsConnector(tool.handler_kind);
    const handler = leadsOut && upstreamUrl === null ? { handler_kind: 'noop', handler_config: {} } : {};
    const connector_id = leadsOut ? connector.id : null;
    ok(await createTool(verb, createToolInput.parse({ ...tool, ...handler, connector_id })));
  }
}

async function makeClient(verb: Verb, [name, description, draftOnly]: Agent) {
  const client = ok(
    await createClient(verb, { name, description, draft_only: draftOnly, rpm_limit: 600, trusted_run_ids: false }),
  );
  for (const { name: tool, policy } of DEMO_TOOLS) {
    if (policy === null) continue;
    ok(await createGrant(verb, { clientId: client.id, tool, policy, approver_user_ids: [] }));
  }
  const token = ok(await createToken(verb, { clientId: client.id, name: 'first token' }));
  return { id: client.id, name, token: token.token };
}

type Calls = readonly (readonly [tool: string, args: JsonObject])[];

const CALLS: Calls = [
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

/** What the agent that may only draft would have sent. */
const DRAFTED: Calls = [
  [
    'email.send',
    {
      to: ['customer@example.com'],
      subject: 'Your order A-1077',
      body: 'Hello,\n\nyour order A-1077 leaves our warehouse tomorrow.\n\nThe support team',
    },
  ],
];

/**
 * Calls a newcomer finds when they first look: done, refused, and waiting for one and for two people. Each has its key,
 * so that it is made once however often this is begun.
 */
async function makeCalls(app: App, token: string, calls: Calls): Promise<void> {
  for (const [place, [toolName, args]] of calls.entries()) {
    await app.gateway.dispatch(
      newCall({
        via: 'rest',
        credential: app.gateway.credentialOf(`Bearer ${token}`),
        toolName,
        arguments: args,
        executeOnApproval: true,
        idempotencyKey: `demo-${place + 1}`,
        requestSha256: sha256Hex(JSON.stringify(args)),
      }),
    );
  }
}

function ok<T>(answer: T | Refusal | Problem): T {
  if (isRefused(answer)) throw new Error(`The demo could not be made: ${answer.detail}`);
  return answer;
}
