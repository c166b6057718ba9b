import { randomBytes } from 'node:crypto';
import type { App } from '../../src/api/app.ts';
import { flipKillSwitch } from '../../src/governance/kill-switches/flip.ts';
import { acceptInvitation } from '../../src/identity/invitations/accept.ts';
import { inviteMember } from '../../src/identity/invitations/invite.ts';
import { inviteInput } from '../../src/identity/invitations/schemas.ts';
import { createUser } from '../../src/identity/users.ts';
import { createWorkspace } from '../../src/identity/workspaces/create.ts';
import type { Actor } from '../../src/kernel/actor.ts';
import { isRefused, type Problem, type Refusal } from '../../src/kernel/codes.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { createClient } from '../../src/registry/clients/create.ts';
import { createConnector } from '../../src/registry/connectors/create.ts';
import { createGrant } from '../../src/registry/grants/create.ts';
import { createToken } from '../../src/registry/tokens/create.ts';
import { createTool } from '../../src/registry/tools/create.ts';
import { createToolInput } from '../../src/registry/tools/schemas.ts';
import { PAYLOAD_SCHEMA } from '../payload.ts';

/** The tools of every workspace of the benchmark: one that runs at once, one that people decide, one that is stopped. */
export const AUTO_TOOL = 'bench.echo';
export const HELD_TOOL = 'bench.held';
const STOPPED_TOOL = 'bench.stopped';

/** The highest limit a client may have, so that every call is counted and none is refused. */
const RPM_LIMIT = 1_000_000;
const AT_ONCE = 8;

export type SeededWorkspace = { readonly tenantId: string; readonly clientId: string; readonly token: string };
export type Seeded = {
  readonly workspaces: readonly SeededWorkspace[];
  /** An admin of the first workspace, who decides its approvals. */
  readonly approver: { readonly email: string; readonly password: string };
};

type Made = Pick<App, 'store' | 'transact'>;

/** Makes workspaces through the same verbs as everyone's, each with its tools, client, grants and token. */
export async function seed(app: Made, upstreamPort: number, count: number): Promise<Seeded> {
  const password = randomBytes(15).toString('base64url');
  const user = await createUser(app.store, { email: 'owner@bench.example', name: 'Owner', password });
  if (user === null) throw new Error('The database is not empty');
  const owner: Actor = { kind: 'member', id: user.id };
  const workspaces: SeededWorkspace[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      workspaces[index] = await makeWorkspace(app, owner, upstreamPort, `bench-${index}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));

  const email = 'admin@bench.example';
  const admin = await createUser(app.store, { email, name: 'Admin', password });
  const { token } = ok(
    await app.transact(workspaces[0]!.tenantId, (tx) =>
      inviteMember({ tx, actor: owner }, inviteInput.parse({ email, role: 'admin' })),
    ),
  );
  ok(await acceptInvitation(app.store, sha256Hex(token), { person: { userId: admin!.id, email } }));
  return { workspaces, approver: { email, password } };
}

async function makeWorkspace(
  { store, transact }: Made,
  actor: Actor,
  upstreamPort: number,
  slug: string,
): Promise<SeededWorkspace> {
  const { tenantId } = ok(await createWorkspace(store, { slug, name: slug, ownerUserId: actor.id }));
  return transact(tenantId, async (tx) => {
    const verb = { tx, actor };
    const connector = ok(
      await createConnector(verb, {
        name: 'upstream',
        kind: 'http',
        config: { base_url: `http://127.0.0.1:${upstreamPort}` },
      }),
    );
    const client = ok(
      await createClient(verb, {
        name: 'bench',
        description: '',
        draft_only: false,
        trusted_run_ids: false,
        rpm_limit: RPM_LIMIT,
      }),
    );
    for (const name of [AUTO_TOOL, HELD_TOOL, STOPPED_TOOL]) {
      const tool = ok(
        await createTool(
          verb,
          createToolInput.parse({
            name,
            effect: 'send',
            input_schema: PAYLOAD_SCHEMA,
            connector_id: connector.id,
            handler_kind: 'http',
            handler_config: { method: 'POST', path: '/echo' },
          }),
        ),
      );
      const policy = name === HELD_TOOL ? 'approve' : 'auto';
      ok(await createGrant(verb, { clientId: client.id, tool: name, policy, approver_user_ids: [] }));
      if (name === STOPPED_TOOL) ok(await flipKillSwitch(verb, { scope: 'tool', id: tool.id, reason: 'Benchmark' }));
    }
    const { token } = ok(await createToken(verb, { clientId: client.id, name: 'bench' }));
    return { tenantId, clientId: client.id, token };
  }).then(ok);
}

function ok<T>(answer: T | Refusal | Problem): T {
  if (isRefused(answer)) throw new Error(`The benchmark's data could not be made: ${answer.detail}`);
  return answer;
}
