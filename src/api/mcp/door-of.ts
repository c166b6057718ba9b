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
