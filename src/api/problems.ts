import { PROBLEMS, type Problem, REFUSALS, type Refusal } from '../kernel/codes.ts';
import { toResponse, type Wire } from './wire.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Codes that are told to the audit log but not to the caller, and what the caller hears instead. */
const TOLD_AS: Partial<Record<Refusal['code'], Refusal['code']>> = { token_revoked: 'unauthenticated' };

/**
 * The one place where a refusal becomes HTTP: a problem document (RFC 9457) with `code`, `step` and
 * `request_id`. `extra` adds members, such as the `execution_id` of a refused call.
 */
export function problemWire(
  refused: Refusal | Problem,
  requestId: string,
  extra: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Wire {
  const code = refused.kind === 'deny' ? (TOLD_AS[refused.code] ?? refused.code) : refused.code;
  const { status } = code in REFUSALS ? REFUSALS[code as Refusal['code']] : PROBLEMS[code as Problem['code']];
  const body = {
    type: `/docs/refusals#${code}`,
    title: TITLES[status],
    status,
    code,
    ...(refused.kind === 'deny' && { step: refused.step }),
    detail: refused.detail,
    ...(refused.kind === 'deny' && refused.remedy && { remedy: refused.remedy }),
    ...(refused.kind === 'problem' && refused.errors && { errors: refused.errors }),
    request_id: requestId,
    ...extra,
  };
  const all: Record<string, string> = {
    'content-type': 'application/problem+json',
    'x-request-id': requestId,
    ...headers,
  };
  // The rest of the body is not read, so nothing else can come on this connection.
  if (code === 'payload_too_large') all.connection = 'close';
  if (status === 401) all['www-authenticate'] = 'Bearer realm="countersign"';
  if (refused.retryAfterSeconds !== undefined) all['retry-after'] = String(refused.retryAfterSeconds);
  return { status, headers: all, body: JSON.stringify(body) };
}

/** The same as a web-standard response. */
export function problemResponse(...args: Parameters<typeof problemWire>): Response {
  return toResponse(problemWire(...args));
}
