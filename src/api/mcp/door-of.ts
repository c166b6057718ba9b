import type { IdentifiedClient } from '../../gateway/gateway.ts';
import type { WhoseHeld } from '../../gateway/waiting/held.ts';
import { aboutOf } from './about.ts';
import { type Fault, isFault } from './message.ts';
import type { McpRequest } from './request.ts';

/** Where a call comes in, and from whom. What comes in a session belongs to it, unless it names another run. */
export function doorOf({
  credential,
  ip,
  received,
  revision,
}: Pick<McpRequest, 'credential' | 'ip' | 'received'> & Partial<Pick<McpRequest, 'revision'>>) {
  const session = revision === undefined || revision.stateless ? undefined : revision.session;
  const { requestId, traceId } = received;
  return {
    via: 'mcp',
    credential,
    ...(ip !== '' && { ip }),
    requestId,
    ...(traceId !== undefined && { traceId }),
    ...(session !== undefined && { sessionRunId: session.id }),
  } as const;
}

/** A client as it asks for what came of a call: in the run that it names, or its session, which then has read it. */
export function inRun(request: McpRequest, client: IdentifiedClient): WhoseHeld | Fault {
  const about = aboutOf(request);
  if (isFault(about)) return about;
  const runId = about.runId ?? doorOf(request).sessionRunId;
  return { ...client, ...(runId !== undefined && { runId }) };
}
