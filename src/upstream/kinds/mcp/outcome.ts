import { failed, type JsonText, type UpstreamOutcome } from '../../outcome.ts';
import { isObject } from './messages.ts';
import type { PeerReply } from './peer.ts';

const KEPT_MAX = 64 * 1024;

/** What a call of a tool came to. What a server calls an error of the tool is one, with its content kept. */
export function outcomeOfCall(reply: PeerReply): UpstreamOutcome {
  if (reply.kind !== 'result') return { ...outcomeOther(reply), form: 'mcp' } as UpstreamOutcome;
  const { value, result } = reply;
  const unusable = whyUnusable(reply);
  if (unusable !== undefined) return unusable;
  if (reply.wants === 'input') return { kind: 'executed', result, form: 'mcp' };
  if (!isObject(value) || (value.content !== undefined && !Array.isArray(value.content))) {
    return { kind: 'unknown', reason: 'The server answered with something that is no result of a tool.' };
  }
  if (value.isError !== true) return { kind: 'executed', result, form: 'mcp' };
  return { ...failedWith('The MCP server answered that the call failed.', result), form: 'mcp' };
}

/** What any other request came to: its result is JSON of its own form. */
export function outcomeOfRequest(reply: PeerReply): UpstreamOutcome {
  if (reply.kind !== 'result') return outcomeOther(reply);
  return whyUnusable(reply) ?? { kind: 'executed', result: reply.result };
}

/** A server may ask for something instead of answering, which it cannot always be given. */
function whyUnusable({ value, wants }: Extract<PeerReply, { kind: 'result' }>): UpstreamOutcome | undefined {
  if (wants === 'input' || !isObject(value) || value.resultType === undefined || value.resultType === 'complete')
    return undefined;
  const kind = JSON.stringify(String(value.resultType).slice(0, 40));
  return failedWith(`The MCP server wants something first (${kind}), which is not passed on to anybody here.`);
}

function outcomeOther(reply: Exclude<PeerReply, { kind: 'result' }>): UpstreamOutcome {
  switch (reply.kind) {
    case 'not_sent':
      return reply.outcome;
    case 'cut':
      return { kind: 'unknown', reason: reply.reason };
    case 'error': {
      const { code, message, data } = reply.error;
      const said = { content: [{ type: 'text', text: message || `error ${code}` }], isError: true };
      const rpc = { code, message, ...(data !== undefined && JSON.stringify(data).length <= KEPT_MAX && { data }) };
      return failedWith(`The MCP server answered with the error ${code}.`, JSON.stringify(said), { rpc_error: rpc });
    }
    case 'http': {
      const { status, text } = reply;
      if (status < 400) {
        return failed('redirect_refused', `The upstream answered ${status}. Redirects are never followed.`, {
          httpStatus: status,
        });
      }
      const body = JSON.stringify({ content: [{ type: 'text', text: text.slice(0, KEPT_MAX) }], isError: true });
      return failed('upstream_error', `The upstream answered ${status}.`, { httpStatus: status, body });
    }
  }
}

function failedWith(message: string, body?: JsonText, more: object = {}): UpstreamOutcome & { kind: 'failed' } {
  const said = JSON.stringify({ code: 'upstream_error', message, ...more });
  const error = body === undefined ? said : `${said.slice(0, -1)},"body":${body}}`;
  return { kind: 'failed', code: 'upstream_error', message, error };
}
