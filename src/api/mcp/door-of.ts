import type { McpRequest } from './request.ts';

/** Where a call comes in, and from whom. */
export function doorOf({ credential, ip, received }: Pick<McpRequest, 'credential' | 'ip' | 'received'>) {
  const { requestId, traceId } = received;
  return {
    via: 'mcp',
    credential,
    ...(ip !== '' && { ip }),
    requestId,
    ...(traceId !== undefined && { traceId }),
  } as const;
}
