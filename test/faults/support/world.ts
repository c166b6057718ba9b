import { randomBytes } from 'node:crypto';
import { createUser } from '../../../src/identity/users.ts';
import { createWorkspace } from '../../../src/identity/workspaces/create.ts';
import { isRefused, type Policy, type Problem, type Refusal } from '../../../src/kernel/codes.ts';
import { createClient } from '../../../src/registry/clients/create.ts';
import { createConnector } from '../../../src/registry/connectors/create.ts';
import { createGrant } from '../../../src/registry/grants/create.ts';
import { createToken } from '../../../src/registry/tokens/create.ts';
import { createTool } from '../../../src/registry/tools/create.ts';
import { createToolInput } from '../../../src/registry/tools/schemas.ts';
import type { Store } from '../../../src/store/store.ts';
import { transact } from '../../../src/store/transact.ts';

/** An agent of the workspace, and the token it calls with. */
export type Agent = { readonly id: string; readonly tokenId: string; readonly token: string };

/** A workspace with an owner who can sign in, the tools of the fault tests, and agents that may call them all. */
export type World = {
  readonly tenantId: string;
  readonly slug: string;
  readonly owner: { readonly email: string; readonly password: string };
  readonly toolIds: Readonly<Record<string, string>>;
  readonly agents: readonly [Agent, ...Agent[]];
};

export type WorldOptions = {
  readonly agents?: number;
  /** Calls per minute of each agent; 0, the default, is no limit. */
  readonly rpmLimit?: number;
};

/** Short, so that a call nobody settled is soon known to be unknown. */
const TIMEOUT_MS = 1_000;

type ToolPlan = { readonly name: string; readonly policy: Policy; readonly path: string; readonly timeoutMs: number };

const TOOLS: readonly ToolPlan[] = [
  { name: 'effect.keyed', policy: 'auto', path: '/keyed', timeoutMs: TIMEOUT_MS },
  { name: 'effect.plain', policy: 'auto', path: '/plain', timeoutMs: TIMEOUT_MS },
  { name: 'effect.approved', policy: 'approve', path: '/keyed', timeoutMs: TIMEOUT_MS },
  { name: 'effect.patient', policy: 'auto', path: '/patient', timeoutMs: 60_000 },
  { name: 'effect.patient_approved', policy: 'approve', path: '/patient', timeoutMs: 60_000 },
  { name: 'fault.run', policy: 'auto', path: '/fault/{kind}', timeoutMs: 3_000 },
];

/** Makes a world through the verbs that the API uses. */
export async function makeWorld(store: Store, upstreamUrl: string, options: WorldOptions = {}): Promise<World> {
  const slug = `w-${randomBytes(6).toString('hex')}`;
  const owner = { email: `${slug}@example.com`, password: randomBytes(12).toString('base64url') };
  const user = await createUser(store, { ...owner, name: 'Owner' });
  const { tenantId } = ok(await createWorkspace(store, { slug, name: 'Faults', ownerUserId: user!.id }));
  const actor = { kind: 'member', id: user!.id } as const;

  const toolIds = ok(
    await transact(store, tenantId, async (tx) => {
      const config = { base_url: upstreamUrl };
      const connector = ok(await createConnector({ tx, actor }, { name: 'outside', kind: 'http', config }));
      const made: Record<string, string> = {};
      for (const tool of TOOLS) {
        const input = createToolInput.parse({ ...toolInput(tool), connector_id: connector.id });
        made[tool.name] = ok(await createTool({ tx, actor }, input)).id;
      }
      return made;
    }),
  );
  const makeAgent = (nth: number): Promise<Agent> =>
    transact(store, tenantId, async (tx) => {
      const input = {
        name: `agent-${nth}`,
        description: '',
        draft_only: false,
        trusted_run_ids: false,
        rpm_limit: options.rpmLimit ?? 0,
      };
      const client = ok(await createClient({ tx, actor }, input));
      for (const { name: tool, policy } of TOOLS) {
        ok(await createGrant({ tx, actor }, { clientId: client.id, tool, policy, approver_user_ids: [] }));
      }
      const token = ok(await createToken({ tx, actor }, { clientId: client.id, name: 'token' }));
      return { id: client.id, tokenId: token.id, token: token.token };
    }).then(ok);
  const agents: [Agent, ...Agent[]] = [await makeAgent(0)];
  for (let nth = 1; nth < (options.agents ?? 1); nth += 1) agents.push(await makeAgent(nth));
  return { tenantId, slug, owner, toolIds, agents };
}

function toolInput({ name, path, timeoutMs }: ToolPlan): object {
  const argument = { type: 'string', minLength: 1, maxLength: 100 };
  const names = path.includes('{kind}') ? ['op', 'kind'] : ['op'];
  return {
    name,
    effect: 'write',
    input_schema: {
      type: 'object',
      required: names,
      additionalProperties: false,
      properties: Object.fromEntries(names.map((one) => [one, argument])),
    },
    handler_kind: 'http',
    handler_config: { method: 'POST', path, timeout_ms: timeoutMs },
  };
}

function ok<T>(answer: T | Refusal | Problem): T {
  if (isRefused(answer)) throw new Error(`The world could not be made: ${answer.detail}`);
  return answer;
}
