import { type NewCall, newCall } from '../../gateway/call.ts';
import type { Progress } from '../../gateway/progress.ts';
import type { Caller, RouteContext } from '../route.ts';
import { toResponse } from '../wire.ts';
import { answerWire } from './gateway.ts';

type Asked = Pick<RouteContext<unknown, unknown>, 'app' | 'tenantId' | 'request'> & {
  readonly caller: Extract<Caller, { kind: 'member' }>;
};

/**
 * Makes a call of the member who sends a request, through the same dispatcher as every other, and gives its answer as the
 * gateway does. What waits for approval runs once it is granted: nobody is there to ask again.
 */
export async function memberCall(
  { app, tenantId, caller, request }: Asked,
  asked: Omit<NewCall, 'credential' | 'ip' | 'requestId' | 'traceId' | 'executeOnApproval'>,
): Promise<Response> {
  const { ip, requestId, traceId } = request;
  const progress: Progress = {};
  const call = newCall({
    ...asked,
    credential: { kind: 'member', tenantId, userId: caller.userId, sessionId: caller.sessionId },
    ip,
    requestId,
    ...(traceId !== undefined && { traceId }),
    executeOnApproval: true,
  });
  const answer = await app.gateway.dispatch(call, { progress });
  return toResponse(answerWire(answer, requestId, progress.rate));
}
