import { type Reply, send } from '../../support/gate.ts';
import { within } from './waiting.ts';
import type { World } from './world.ts';

/** Far above every timeout of the product: a call that takes this long hangs. */
export const HANGS_AFTER_MS = 45_000;

/** What an agent asks for: one thing to be done outside, once. */
export type Operation = { readonly op: string; readonly tool: string };

/** What came of a call, as its caller saw it. `lost`: no answer came, so anything may have happened. */
export type Seen =
  | { readonly kind: 'executed' | 'failed' | 'pending'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly code: string; readonly reply: Reply }
  | { readonly kind: 'lost' };

export type Ask = {
  readonly token?: string;
  readonly key?: string;
  readonly approvalId?: string;
  readonly kind?: string;
  readonly executeOnApproval?: boolean;
  readonly prefer?: string;
};

/** Makes one governed call at a node. Throws when it hangs, or is answered with something that is no answer. */
export async function call(url: string, world: World, { op, tool }: Operation, ask: Ask = {}): Promise<Seen> {
  const agent = send(url, { authorization: `Bearer ${ask.token ?? world.agents[0].token}` });
  const body = {
    tool,
    arguments: { op, ...(ask.kind !== undefined && { kind: ask.kind }) },
    ...(ask.approvalId !== undefined && { approval_id: ask.approvalId }),
    ...(ask.executeOnApproval && { execute_on_approval: true }),
  };
  const headers = {
    ...(ask.key !== undefined && { 'idempotency-key': ask.key }),
    ...(ask.prefer !== undefined && { prefer: ask.prefer }),
  };
  let reply: Reply;
  try {
    reply = await within(`the call ${op}`, HANGS_AFTER_MS, agent('POST', '/api/agent/gateway', body, headers));
  } catch (fault) {
    if (isLost(fault)) return { kind: 'lost' };
    throw fault;
  }
  return seen(reply);
}

const KINDS: Readonly<Record<string, 'executed' | 'failed' | 'pending'>> = {
  executed: 'executed',
  failed: 'failed',
  pending_approval: 'pending',
};

function seen(reply: Reply): Seen {
  const kind = KINDS[reply.body?.status];
  if (kind !== undefined) return { kind, reply };
  if (typeof reply.body?.code !== 'string') throw new Error(`No answer of a gateway: ${reply.status} ${reply.text}`);
  return { kind: 'refused', code: reply.body.code, reply };
}

/** Whether the connection broke, which is what a killed server does to its callers. */
function isLost(fault: unknown): boolean {
  return fault instanceof TypeError && /fetch failed|terminated/.test(fault.message);
}

/** Requests of the workspace's owner, signed in once. */
export async function signIn(url: string, { owner, slug }: World): Promise<Record<string, string>> {
  const reply = await send(url)('POST', '/api/auth/sign-in/email', owner);
  if (reply.status !== 200) throw new Error(`The owner cannot sign in: ${reply.text}`);
  const cookie = reply.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return { cookie, 'countersign-workspace': slug };
}
