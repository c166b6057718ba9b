import { isUtf8 } from 'node:buffer';
import { decodeContent } from '../../exchange/content-decoding.ts';
import type { Answer } from '../../exchange/exchange.ts';
import { type ContentNote, failed, type JsonText, type UpstreamOutcome } from '../../outcome.ts';
import type { Scrubber } from '../../secrets/scrubber.ts';

/** How much of a body is kept beside a note: enough to see what came, not enough to matter. */
export const KEPT_BYTES = 64 * 1024;

const MAX_DEPTH = 64;
/** A longer type or encoding counts as none: what is left of one that is cut may be the beginning of a secret. */
const MAX_HEADER = 200;
const JSON_TYPE = /^(?:application\/json|text\/json|[^\s;/]+\/[^\s;]+\+json)\s*(?:;|$)/i;

/** A body as JSON text: its own where it is JSON, else an object that says what came. */
type Content = { readonly json: JsonText; readonly note?: ContentNote };

function described(value: object, note?: ContentNote): Content {
  return { json: JSON.stringify(value), ...(note && { note }) };
}

/**
 * Turns a complete answer into the outcome of the call. 2xx is executed, whatever its body looks like,
 * because the upstream said so; 3xx is failed, because redirects are never followed; the rest is failed.
 */
export function interpretAnswer(
  answer: Answer,
  maxBodyBytes: number,
  scrubber?: Scrubber,
): UpstreamOutcome | Promise<UpstreamOutcome> {
  const encoding = header(answer, 'content-encoding').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity' || answer.body.length === 0) {
    if (scrubber !== undefined) return readScrubbed(answer, answer.body, answer.truncated, scrubber);
    return outcomeOf(answer, readContent(answer, answer.body, answer.truncated));
  }
  return interpretEncoded(answer, encoding, maxBodyBytes, scrubber);
}

async function interpretEncoded(
  answer: Answer,
  encoding: string,
  limitBytes: number,
  scrubber?: Scrubber,
): Promise<UpstreamOutcome> {
  const decoded = await decodeContent(encoding, answer.body, limitBytes, answer.truncated);
  if (decoded !== null) {
    const { bytes, truncated } = decoded;
    if (scrubber !== undefined) return readScrubbed(answer, bytes, truncated, scrubber);
    return outcomeOf(answer, readContent(answer, bytes, truncated));
  }
  const value = {
    content_type: contentType(answer),
    content_encoding: encoding.length > MAX_HEADER ? '' : encoding,
    // What cannot be read cannot be searched for secrets either.
    ...(scrubber === undefined && { base64: answer.body.subarray(0, KEPT_BYTES).toString('base64') }),
    note: 'undecodable',
  };
  return outcomeOf(answer, described(value, 'undecodable'));
}

function outcomeOf({ status }: Answer, { json, note }: Content): UpstreamOutcome {
  if (status >= 200 && status < 300) {
    return { kind: 'executed', result: json, httpStatus: status, ...(note && { note }) };
  }
  if (status >= 300 && status < 400) {
    const message = `The upstream answered ${status}. Redirects are never followed.`;
    return failed('redirect_refused', message, { httpStatus: status });
  }
  return failed('upstream_error', `The upstream answered ${status}.`, { httpStatus: status, body: json });
}

/** A JSON body keeps its secrets for now: they are found inside its strings once the outcome is known. */
async function readScrubbed(
  answer: Answer,
  body: Buffer,
  truncated: boolean,
  scrubber: Scrubber,
): Promise<UpstreamOutcome> {
  const json = truncated ? undefined : wholeJson(answer, body);
  if (json !== undefined) return outcomeOf(answer, { json });
  const scrubbed = await scrubber.bytes(body);
  // A value that a cut goes through is not found, neither as it is nor, in another charset, once it is decoded.
  const keptBytes = Math.max(0, Math.min(KEPT_BYTES, scrubbed.length) - scrubber.longest);
  if (truncated) return outcomeOf(answer, readStart(answer, scrubbed.subarray(0, keptBytes), body.length));
  return outcomeOf(answer, body.length === 0 ? EMPTY : readOther(answer, scrubbed, keptBytes));
}

function readContent(answer: Answer, body: Buffer, truncated: boolean): Content {
  if (truncated) return readStart(answer, body, body.length);
  if (body.length === 0) return EMPTY;
  const json = wholeJson(answer, body);
  return json === undefined ? readOther(answer, body) : { json };
}

const EMPTY: Content = { json: 'null' };

function readStart(answer: Answer, body: Buffer, bytesRead: number): Content {
  const kept = asText(answer, body.subarray(0, KEPT_BYTES), true);
  return described({ truncated: true, bytes_read: bytesRead, ...kept }, 'truncated');
}

function wholeJson(answer: Answer, body: Buffer): JsonText | undefined {
  const type = contentType(answer);
  return type === '' || JSON_TYPE.test(type) ? jsonText(body) : undefined;
}

function readOther(answer: Answer, body: Buffer, keptBytes = KEPT_BYTES): Content {
  if (!JSON_TYPE.test(contentType(answer))) return described(asText(answer, body, false));
  const isCut = body.length > KEPT_BYTES;
  const kept = asText(answer, isCut ? body.subarray(0, keptBytes) : body, isCut);
  return described({ ...kept, note: 'invalid_json' }, 'invalid_json');
}

/**
 * The body as the JSON text it is, or undefined if it is none. It is passed on as it came: parsed and written again,
 * integers beyond 2^53, `1.0`, `-0`, `1e400`, two members of one name and the order of members would change. Only a
 * byte order mark is left out, which is no part of a JSON text (RFC 8259, 8.1). JSON is UTF-8 whatever the header
 * says of a charset.
 */
function jsonText(body: Buffer): JsonText | undefined {
  if (!isUtf8(body)) return undefined;
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  const text = body.toString('utf8', start);
  try {
    return isShallow(JSON.parse(text), MAX_DEPTH) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** False for values deeper than the envelope allows: reading them could overflow somebody's stack. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isShallow(item, depth - 1));
  for (const key in value) if (!isShallow((value as Record<string, unknown>)[key], depth - 1)) return false;
  return true;
}

function asText(answer: Answer, body: Buffer, cut: boolean): Record<string, string> {
  const type = contentType(answer);
  const charset = /;\s*charset="?([\w.:-]{1,40})"?/i.exec(type)?.[1] ?? 'utf-8';
  try {
    // A cut may fall inside a character: with `stream` the unfinished one is left out instead of refused.
    const text = new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(body, { stream: cut });
    // NUL is no text: PostgreSQL stores it neither in text nor in jsonb.
    if (!text.includes('\0')) return { text, content_type: type };
  } catch {
    // Unknown charset or bytes that are not in it: kept as bytes.
  }
  return { base64: body.toString('base64'), content_type: type };
}

function contentType(answer: Answer): string {
  const type = header(answer, 'content-type');
  return type.length > MAX_HEADER ? '' : type;
}

function header({ headers }: Answer, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : value) ?? '';
}
