import type { HeldCall } from '../../gateway/waiting/held.ts';
import { cancelApproval } from '../../governance/approvals/cancel.ts';
import { deny, isRefused } from '../../kernel/codes.ts';
import { refuseToken } from '../../registry/tokens/standing.ts';
import { inRun } from './door-of.ts';
import { fault, isFault, RPC } from './message.ts';
import { answerRefusal, clientOf, type McpRequest } from './request.ts';
import { callResult, complete } from './results.ts';
import { TASKS } from './revision.ts';

/** The extension io.modelcontextprotocol/tasks: a call that waits for people is a task, whose id is its execution's. */

const POLL_MS = 2_000;

const SAID = {
  waiting: 'Waits for people to approve it. Nothing has run.',
  approved: 'People have approved it. Nothing has run.',
  running: 'People have approved it, and it is being made.',
  ended: 'It has ended.',
} as const;

/** A task as it begins. */
export function createdTask(held: HeldCall): object {
  return { ...taskOf(held), status: 'working' };
}

function taskOf({ executionId, createdAt, state }: HeldCall): object {
  return {
    taskId: executionId,
    statusMessage: SAID[state],
    createdAt: createdAt.toISOString(),
    lastUpdatedAt: new Date().toISOString(),
    // What became of it is in the log for good.
    ttlMs: null,
    pollIntervalMs: POLL_MS,
  };
}

/** `tasks/get`, `tasks/update` and `tasks/cancel`. */
export async function serveTask(request: McpRequest): Promise<void> {
  const { method, params, exchange, revision, app } = request;
  if (!revision.abilities.tasks) {
    const data = { requiredCapabilities: { extensions: { [TASKS]: {} } } };
    exchange.fault(fault(RPC.missingCapability, `${method} needs the extension ${TASKS}.`, 400, data));
    return;
  }
  const { taskId } = params;
  if (typeof taskId !== 'string')
    return exchange.fault(fault(RPC.invalidParams, 'params.taskId must be a string.', 200));
  const client = await clientOf(request);
  if (client === undefined) return;
  const whose = inRun(request, client);
  if (isFault(whose)) return exchange.fault(whose);
  const held = await app.gateway.held(whose, taskId, 0, request.gone());
  if (held === undefined) return exchange.fault(fault(RPC.invalidParams, 'There is no such task.', 200));
  if (method === 'tasks/get') return exchange.result(complete(true, detailed(held)));
  if (method === 'tasks/cancel' && held.state === 'waiting') {
    const cancelled = await app.transact(client.tenantId, async (tx) => {
      const refused = await refuseToken(tx, client.tokenId, true);
      if (refused !== undefined) return refused;
      const actor = {
        kind: 'client',
        id: client.clientId,
        ip: request.ip,
        requestId: request.received.requestId,
      } as const;
      return cancelApproval({ tx, actor, principal: { kind: 'client', id: client.clientId } }, held.approvalId);
    });
    // People may have decided meanwhile, and then it goes on; whoever asks for the task is told how it went.
    if (isRefused(cancelled) && cancelled.kind === 'deny' && cancelled.step === 'authenticate') {
      return answerRefusal(request, cancelled);
    }
  }
  exchange.result(complete(true, '{}'));
}

/** A task with what came of it. A call that was refused has ended with a result that says so. */
function detailed(held: HeldCall): string {
  const { answer, state } = held;
  const cancelled = answer?.kind === 'deny' && answer.code === 'approval_cancelled';
  if (state !== 'ended') return JSON.stringify({ ...taskOf(held), status: 'working' });
  if (cancelled) return JSON.stringify({ ...taskOf(held), status: 'cancelled' });
  const head = JSON.stringify({ ...taskOf(held), status: 'completed' }).slice(0, -1);
  return `${head},"result":${complete(true, callResult(answer ?? deny('outcome_unknown')))}}`;
}
