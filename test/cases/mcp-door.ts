import { REFUSALS, type RefusalCode } from '../../src/kernel/codes.ts';
import type { Reply, Send } from '../support/gate.ts';
import { statelessRequest } from '../support/mcp.ts';

type Body = {
  tool: string;
  arguments: object;
  approval_id?: string;
  execute_on_approval?: boolean;
  run_id?: unknown;
  on_behalf_of?: unknown;
  justification?: string;
  dry_run?: boolean;
};

/** A call in the form of REST through the MCP door, and its answer in the form of REST again. */
export async function callByMcp(send: Send, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const { 'idempotency-key': key, ...others } = headers;
  if (typeof body === 'string') return inForm(await send('POST', '/mcp', wrapped(body), others));
  const { tool: name, arguments: args, approval_id, execute_on_approval = false, ...rest } = body as Body;
  const { justification, dry_run, ...about } = rest;
  const meta = {
    'countersign/execute_on_approval': execute_on_approval,
    ...(approval_id !== undefined && { 'countersign/approval_id': approval_id }),
    ...Object.fromEntries(Object.entries(about).map(([member, value]) => [`countersign/${member}`, value])),
    ...(key !== undefined && { 'countersign/idempotency_key': key }),
    ...(justification !== undefined && { 'countersign/justification': justification }),
    ...(dry_run !== undefined && { 'countersign/dry_run': dry_run }),
  };
  const request = statelessRequest('tools/call', { name, arguments: args }, { meta });
  return inForm(await send('POST', '/mcp', request.body, { ...request.headers, ...others }));
}

/** Bytes that a case gives as they are stay what they are, inside a message, and as many. */
function wrapped(raw: string): string {
  const inner = raw.trimEnd();
  if (!inner.startsWith('{')) return raw;
  const params = inner.replace('"tool":', '"name":');
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`.padEnd(raw.length);
}

function inForm(reply: Reply): Reply {
  const headers = new Headers(reply.headers);
  const { error, result } = reply.body ?? {};
  if (error !== undefined) return refusedAs(headers, error.data.code, { ...error.data, detail: error.message });
  if (result === undefined) return { ...reply, headers: withoutMetadata(headers) };
  const said = result.structuredContent;
  if (said.status === 'refused' || said.status === 'unknown') return refusedAs(headers, said.code, said);
  const location = { pending_approval: `/v1/approvals/${said.approval_id}`, draft: `/v1/drafts/${said.draft_id}` };
  if (!(said.status in location)) return { ...reply, headers, body: said };
  headers.set('location', location[said.status as keyof typeof location]);
  return { ...reply, headers, status: 202, body: said };
}

function refusedAs(headers: Headers, code: RefusalCode, said: { detail: string }): Reply {
  const { status } = REFUSALS[code];
  headers.set('content-type', 'application/problem+json');
  const detail = said.detail.replaceAll('$.params.', '$.');
  const rest = { type: `/docs/refusals#${code}`, title: 'Refused', request_id: headers.get('x-request-id') };
  const body = { ...said, ...rest, status, code, detail };
  return { status, headers, body, text: JSON.stringify(body) };
}

/** A 401 says over MCP also where to read what the door wants. */
function withoutMetadata(headers: Headers): Headers {
  const challenge = headers.get('www-authenticate');
  const metadata = /, resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp"$/;
  if (challenge === null || !metadata.test(challenge)) return headers;
  headers.set('www-authenticate', challenge.replace(metadata, ''));
  return headers;
}
