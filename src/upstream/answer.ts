import { isUtf8 } from 'node:buffer';
import { readJson } from '../kernel/json-text.ts';
import { decodeContent } from './content-decoding.ts';
import type { Answer } from './http-exchange.ts';
import type { ContentNote, UpstreamOutcome } from './outcome.ts';

/** How much of a body is kept beside a note: enough to see what came, not enough to matter. */
export const KEPT_BYTES = 64 * 1024;

const MAX_DEPTH = 64;

type Content = { readonly value: unknown; readonly note?: ContentNote };

/**
 * Turns a complete answer into the outcome of the call. 2xx is executed, whatever its body looks like,
 * because the upstream said so; 3xx is failed, because redirects are never followed; the rest is failed.
 */
export function interpretAnswer(answer: Answer, maxBodyBytes: number): UpstreamOutcome | Promise<UpstreamOutcome> {
  const encoding = header(answer, 'content-encoding').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity' || answer.body.length === 0) {
    return outcomeOf(answer, readContent(answer, answer.body, answer.truncated));
  }
  return interpretEncoded(answer, encoding, maxBodyBytes);
}

async function interpretEncoded(answer: Answer, encoding: string, limitBytes: number): Promise<UpstreamOutcome> {
  const decoded = await decodeContent(encoding, answer.body, limitBytes, answer.truncated);
  if (decoded !== null) return outcomeOf(answer, readContent(answer, decoded.bytes, decoded.truncated));
  const value = {
    content_type: contentType(answer),
    content_encoding: encoding.slice(0, 100),
    base64: answer.body.subarray(0, KEPT_BYTES).toString('base64'),
    note: 'undecodable',
  };
  return outcomeOf(answer, { value, note: 'undecodable' });
}

function outcomeOf({ status }: Answer, { value, note }: Content): UpstreamOutcome {
  if (status >= 200 && status < 300) {
    return { kind: 'executed', result: value, httpStatus: status, ...(note && { note }) };
  }
  if (status >= 300 && status < 400) {
    const message = `The upstream answered ${status}. Redirects are never followed.`;
    return { kind: 'failed', error: { code: 'redirect_refused', message, http_status: status } };
  }
  const message = `The upstream answered ${status}.`;
  return { kind: 'failed', error: { code: 'upstream_error', message, http_status: status, body: value } };
}

function readContent(answer: Answer, body: Buffer, truncated: boolean): Content {
  if (truncated) {
    const kept = asText(answer, body.subarray(0, KEPT_BYTES), true);
    return { value: { truncated: true, bytes_read: body.length, ...kept }, note: 'truncated' };
  }
  if (body.length === 0) return { value: null };
  const type = contentType(answer);
  if (type !== '' && !JSON_TYPE.test(type)) return { value: asText(answer, body, false) };
  const json = parseJson(body);
  if (json !== undefined) return { value: json.value };
  if (type === '') return { value: asText(answer, body, false) };
  const kept = asText(answer, body.subarray(0, KEPT_BYTES), body.length > KEPT_BYTES);
  return { value: { ...kept, note: 'invalid_json' }, note: 'invalid_json' };
}

const JSON_TYPE = /^(?:application\/json|text\/json|[^\s;/]+\/[^\s;]+\+json)\s*(?:;|$)/i;

function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  if (!isUtf8(body)) return undefined;
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  try {
    const value: unknown = readJson(body.toString('utf8', start));
    return isStorable(value, MAX_DEPTH) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * False for values that parse here and break later: deeper than the envelope allows (serialising would
 * overflow the stack), or with numbers outside binary64 that JSON cannot write again.
 */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth - 1));
  for (const key in value) if (!isStorable((value as Record<string, unknown>)[key], depth - 1)) return false;
  return true;
}

function asText(answer: Answer, body: Buffer, cut: boolean): Record<string, string> {
  const type = contentType(answer);
  const charset = /;\s*charset="?([\w.:-]{1,40})"?/i.exec(type)?.[1] ?? 'utf-8';
  try {
    // A cut may fall inside a character: with `stream` the unfinished one is left out instead of refused.
    const text = new TextDecoder(charset, { fatal: true }).decode(body, { stream: cut });
    // NUL is no text: PostgreSQL stores it neither in text nor in jsonb.
    if (!text.includes('\0')) return { text, content_type: type };
  } catch {
    // Unknown charset or bytes that are not in it: kept as bytes.
  }
  return { base64: body.toString('base64'), content_type: type };
}

function contentType(answer: Answer): string {
  return header(answer, 'content-type').slice(0, 200);
}

function header({ headers }: Answer, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : value) ?? '';
}
