import { z } from 'zod';
import { readUrl } from './egress-guard.ts';
import { leavesItsPlace, PLACEHOLDER } from './http-target.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

// Framing and identity belong to Countersign; the x- ones make a server or proxy act on another method,
// path or client than the approver saw.
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'expect',
  'forwarded',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

const OWN_PREFIX = /^(?:proxy-|sec-|x-forwarded-)/;
const MAX_HEADERS = 32;
const MAX_HEADER_BYTES = 8192;

const headers = z.record(z.string(), z.string()).superRefine((record, context) => {
  const complain = (name: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  const seen = new Set<string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(record)) {
    const lower = name.toLowerCase();
    bytes += name.length + value.length + 4;
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/.test(lower)) complain(name, 'not a header name');
    else if (OWN_HEADERS.has(lower) || OWN_PREFIX.test(lower)) complain(name, 'this header is set by Countersign only');
    else if (seen.has(lower)) complain(name, 'this header is given twice');
    if (!/^(?:[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?)?$/.test(value)) {
      complain(name, 'a header value is at most 1024 printable ASCII characters');
    }
    seen.add(lower);
  }
  if (seen.size > MAX_HEADERS) complain('', `at most ${MAX_HEADERS} headers`);
  if (bytes > MAX_HEADER_BYTES) complain('', `headers may take ${MAX_HEADER_BYTES} bytes in all`);
});

const path = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((template, context) => {
    const message = pathProblem(template);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

function pathProblem(template: string): string | null {
  const plain = template.replace(PLACEHOLDER, 'x');
  if (!template.startsWith('/')) return "the path starts with a slash; the origin is the connector's";
  if (plain.includes('//')) return 'the path has an empty segment';
  if (/[{}]/.test(plain)) return 'a placeholder is {name}, with letters, digits, _ and - in the name';
  if (/[?#]/.test(plain)) return 'the query is set with "query", not in the path';
  if (!/^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*$/i.test(plain)) return 'the path must be percent-encoded';
  if (/%(?:2[5ef]|5c|[01][0-9a-f]|7f)/i.test(plain))
    return 'the path hides a dot, a slash, a percent sign or a control character';
  if (leavesItsPlace(plain)) return 'the path may not have . or .. segments';
  return null;
}

/**
 * Handler config of kind `http`.
 * - `path`: appended to the connector's `base_url`; `{argument}` placeholders take that argument
 *   (percent-encoded) and remove it from query and body.
 * - `query`: `arguments` sends all remaining arguments in the query, a list only those. Default: all for GET
 *   and for DELETE without a body, none otherwise.
 * - `body`: `arguments` sends the remaining arguments as a JSON object. Default for POST, PUT and PATCH, unless
 *   all of them are in the query.
 * - `timeout_ms`: from the start of the call to the last byte of the answer, in milliseconds.
 */
export const httpHandlerConfig = z
  .strictObject({
    method: z.enum(METHODS),
    path,
    query: z.union([z.literal('arguments'), z.array(z.string().min(1).max(128)).max(64)]).optional(),
    headers: headers.optional(),
    timeout_ms: z.int().min(100).max(60_000).default(30_000),
    body: z.enum(['arguments', 'none']).optional(),
  })
  .superRefine((config, context) => {
    if (config.body === 'arguments' && config.method === 'GET') {
      context.addIssue({ code: 'custom', path: ['body'], message: 'GET has no body' });
    }
    if (config.body === 'arguments' && config.query === 'arguments') {
      context.addIssue({
        code: 'custom',
        path: ['body'],
        message: 'the arguments go into the query or the body, not both',
      });
    }
  });

export type HttpHandlerConfig = z.output<typeof httpHandlerConfig>;

/** Connector config of kind `http`. Whether `base_url` may be reached is the egress guard's question. */
export const httpConnectorConfig = z.strictObject({
  base_url: z
    .string()
    .max(2048)
    .superRefine((text, context) => {
      const read = readUrl(text);
      if (!read.ok) context.addIssue({ code: 'custom', message: read.detail });
      else if (/[?#]/.test(read.rest)) context.addIssue({ code: 'custom', message: 'no query or fragment here' });
      else {
        const message = read.rest === '' ? null : pathProblem(read.rest);
        if (message !== null) context.addIssue({ code: 'custom', message });
        if (/[{}]/.test(read.rest)) context.addIssue({ code: 'custom', message: 'no placeholders here' });
      }
    }),
});

const noConfig = z.strictObject({});

/** The schema of a tool's `handler_config`, by `handler_kind`. Unknown keys are refused. */
export const handlerConfig = { http: httpHandlerConfig, noop: noConfig } as const;

/** The schema of a connector's `config`, by kind. Unknown keys are refused. */
export const connectorConfig = { http: httpConnectorConfig, noop: noConfig } as const;
