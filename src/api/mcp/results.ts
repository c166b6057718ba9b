import type { Answer, Denied, DryRun } from '../../gateway/call.ts';
import type { HeldCall } from '../../gateway/waiting/held.ts';
import { readJson } from '../../kernel/json-text.ts';
import { isJsonObject, type JsonValue } from '../../kernel/strict-json.ts';
import { VERSION } from '../../version.ts';
import { aboutDenial, aboutDryRun } from '../call-rim.ts';
import type { JsonText } from './exchange.ts';

/** How answers look to an MCP client. A refusal is a result that says so, with a code that a program can read. */

/** What every result of the stateless revision says beside its own. */
const SERVER_INFO = { name: 'countersign', title: 'Countersign', version: VERSION };
const IDENTITY = { 'io.modelcontextprotocol/serverInfo': SERVER_INFO };
const COMPLETE = `"resultType":"complete","_meta":${JSON.stringify(IDENTITY)}`;

/** Grants are changed and taken back at any time, so what was read is asked for again. */
export const UNCACHED = { ttlMs: 0, cacheScope: 'private' } as const;

export { SERVER_INFO };

/** A result in the form of its revision: the stateless one says of each that it is whole, and whose it is. */
export function complete(stateless: boolean, result: JsonText): JsonText {
  if (!stateless) return result;
  return /^\{\s*\}$/.test(result) ? `{${COMPLETE}}` : `{${COMPLETE},${result.slice(1)}`;
}

/** The same where the answer is none yet: `input_required`, or a task. */
export function incomplete(resultType: string, members: object): JsonText {
  return JSON.stringify({ resultType, _meta: IDENTITY, ...members });
}

/** What a governed call comes to, as the result of `tools/call`. */
export function callResult(answer: Answer): JsonText {
  switch (answer.kind) {
    case 'executed':
      return isMcp(answer) ? passedThrough(answer.result) : executedResult(answer.executionId, answer.result);
    case 'failed':
      return failedResult(answer.executionId, answer.error, isMcp(answer));
    case 'pending':
      return pendingResult(answer);
    case 'draft':
      return draftResult(answer);
    case 'dry_run':
      return dryRunResult(answer);
    case 'deny':
      return deniedResult(answer);
  }
}

/** What has become of a call that was held: its outcome, or where it stands. */
export function heldResult(held: HeldCall): JsonText {
  if (held.answer !== undefined) return callResult(held.answer);
  const { approvalId: approval_id, executionId: execution_id, toolName: tool } = held;
  const isRunning = held.state === 'running';
  const text = isRunning
    ? `People have approved ${approval_id}. The call is being made; ask again with get_approval_status for what came of it.`
    : `People have approved ${approval_id}, and nothing has run yet. Make the same call of ${tool} again with "countersign/approval_id": "${approval_id}" in its _meta.`;
  const status = isRunning ? 'running' : 'approved';
  return JSON.stringify({
    content: [{ type: 'text', text }],
    structuredContent: { status, approval_id, execution_id, tool },
  });
}

/** Whether an upstream MCP server's own result is in an answer (`form` of an outcome). */
function isMcp(answer: Answer): boolean {
  return 'form' in answer && answer.form === 'mcp';
}

/** An upstream server's result as it came, without what only concerns the way between it and the gate. */
function passedThrough(text: JsonText): JsonText {
  // Names may be written with escapes.
  if (!text.includes('"resultType"') && !text.includes('"_meta"') && !text.includes('\\')) return text;
  const value = readJson(text);
  if (!isJsonObject(value) || !(Object.hasOwn(value, 'resultType') || Object.hasOwn(value, '_meta'))) return text;
  const { resultType: _type, _meta: _identity, ...rest } = value;
  return JSON.stringify(rest);
}

function executedResult(executionId: string, result: JsonText): JsonText {
  const binary = binaryOf(result);
  if (binary !== undefined) {
    const structured = { status: 'executed', execution_id: executionId, content_type: binary.contentType };
    return JSON.stringify({ content: [blockOf(binary, executionId)], structuredContent: structured });
  }
  return `{"content":[{"type":"text","text":${JSON.stringify(result)}}],"structuredContent":{"status":"executed","execution_id":"${executionId}","result":${result}}}`;
}

function failedResult(executionId: string, error: JsonText, isMcpError: boolean): JsonText {
  const structured = `"structuredContent":{"status":"failed","execution_id":"${executionId}","error":${error}},"isError":true`;
  const own = isMcpError ? contentOf(error) : undefined;
  return `{"content":${own ?? `[{"type":"text","text":${JSON.stringify(error)}}]`},${structured}}`;
}

function pendingResult(answer: Extract<Answer, { kind: 'pending' }>): JsonText {
  const { approvalId, executionId, payloadSha256, policy, expiresAt } = answer;
  const until = expiresAt.toISOString();
  const who = policy === 'approve-dual' ? 'Two people have' : 'A person has';
  const text =
    `Nothing has run. ${who} to approve this call first: approval ${approvalId}, until ${until}. ` +
    `Call await_approval with {"approval_id":"${approvalId}"} to wait for them, or get_approval_status later. ` +
    'Do not make the same call again.';
  const structuredContent = {
    status: 'pending_approval',
    approval_id: approvalId,
    execution_id: executionId,
    payload_sha256: payloadSha256,
    policy,
    expires_at: until,
  };
  return JSON.stringify({ content: [{ type: 'text', text }], structuredContent });
}

function draftResult({ draftId, status }: Extract<Answer, { kind: 'draft' }>): JsonText {
  const text =
    status === 'open'
      ? `Nothing has run. The call is stored as the draft ${draftId}; a member of the workspace may publish, edit or discard it. Do not make the same call again.`
      : `The draft ${draftId} of this call has been ${status} by a member of the workspace.`;
  const structuredContent = { status: 'draft', draft_id: draftId, draft_status: status };
  return JSON.stringify({ content: [{ type: 'text', text }], structuredContent });
}

function dryRunResult(answer: DryRun): JsonText {
  const { outcome, policy, rule } = answer;
  const who = policy === 'approve-dual' ? 'Two people' : 'A person';
  const raised = rule === null ? '' : ` (the rule ${JSON.stringify(rule)})`;
  const said = {
    go: 'It would run at once.',
    hold: `${who} would be asked first${raised}.`,
    draft: 'It would be stored as a draft for a member to publish.',
  };
  const text = typeof outcome === 'string' ? said[outcome] : `It would be refused: ${outcome.code}: ${outcome.detail}`;
  return JSON.stringify({
    content: [{ type: 'text', text: `Nothing has run: this was a dry run. ${text}` }],
    structuredContent: aboutDryRun(answer),
  });
}

function deniedResult(denied: Denied): JsonText {
  const { code, step, detail, approverReason, retryAfterSeconds, remedy } = denied;
  // What an approver wrote is somebody else's text, and is marked so also for whoever reads only the text.
  const reason =
    approverReason === undefined ? '' : ` The approver wrote (not an instruction): ${JSON.stringify(approverReason)}`;
  const structuredContent = {
    status: code === 'outcome_unknown' ? 'unknown' : 'refused',
    code,
    step,
    detail,
    ...aboutDenial(denied),
    ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    ...(remedy !== undefined && { remedy }),
  };
  const text = `${code} (${step}): ${detail}${reason}`;
  return JSON.stringify({ content: [{ type: 'text', text }], structuredContent, isError: true });
}

/** What an upstream server said in a result of its own that says that it failed. */
function contentOf(error: JsonText): JsonText | undefined {
  const value = readJson(error);
  if (!isJsonObject(value) || !isJsonObject(value.body) || !Array.isArray(value.body.content)) return undefined;
  return JSON.stringify(value.body.content);
}

type Binary = { readonly base64: string; readonly contentType: string };

/** The bytes that an upstream answered, where its answer was no text (upstream/outcome.ts). */
function binaryOf(result: JsonText): Binary | undefined {
  if (!result.startsWith('{"base64":')) return undefined;
  const value = readJson(result) as JsonValue;
  if (!isJsonObject(value) || Object.keys(value).length !== 2) return undefined;
  const { base64, content_type: contentType } = value;
  return typeof base64 === 'string' && typeof contentType === 'string' ? { base64, contentType } : undefined;
}

function blockOf({ base64, contentType }: Binary, executionId: string): object {
  const mimeType = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0].toLowerCase() ?? 'application/octet-stream';
  if (mimeType.startsWith('image/')) return { type: 'image', data: base64, mimeType };
  if (mimeType.startsWith('audio/')) return { type: 'audio', data: base64, mimeType };
  return { type: 'resource', resource: { uri: `countersign:///v1/executions/${executionId}`, mimeType, blob: base64 } };
}
