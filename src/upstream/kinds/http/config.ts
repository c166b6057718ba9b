import { z } from 'zod';
import { replaceSecrets } from '../../../kernel/secret-reference.ts';
import { authorization, refuseOwnAuthorization } from '../../authorization.ts';
import { readUrl } from '../../egress-guard.ts';
import { contentTypeProblem, headers } from './headers.ts';
import { pathProblem, placeholdersOf } from './path.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const path = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((template, context) => {
    const message = pathProblem(template);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/**
 * Handler config of kind `http`.
 * - `path`: appended to the connector's `base_url`; `{argument}` placeholders take that argument
 *   (percent-encoded) and remove it from query and body.
 * - `query`: `arguments` sends all remaining arguments in the query, a list only those. Default: all for GET
 *   and for DELETE without a body, none otherwise.
 * - `body`: `arguments` sends the remaining arguments as a JSON object. Default for POST, PUT and PATCH, unless
 *   all of them are in the query.
 * - `headers`: sent as they are written, with secrets in the place of `{{secret:NAME}}`, which may stand in `path`, too.
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
    const complain = (at: string[], message: string): void => {
      context.addIssue({ code: 'custom', path: at, message });
    };
    if (config.body === 'arguments' && config.method === 'GET') complain(['body'], 'GET has no body');
    if (config.body === 'arguments' && config.query === 'arguments') {
      complain(['body'], 'the arguments go into the query or the body, not both');
    }
    for (const name of twiceSent(config)) {
      complain(['query'], `the argument ${JSON.stringify(name)} is in the path or the query already`);
    }
    const { hasBody } = placesOf(config);
    for (const [name, value] of Object.entries(config.headers ?? {})) {
      const message = name.toLowerCase() === 'content-type' ? contentTypeProblem(value, hasBody) : null;
      if (message !== null) complain(['headers', name], message);
    }
  });

export type HttpHandlerConfig = z.output<typeof httpHandlerConfig>;

/** Where the arguments go that are not in the path: the defaults of `query` and `body`, worked out. */
export function placesOf({ method, query, body }: Pick<HttpHandlerConfig, 'method' | 'query' | 'body'>): {
  readonly query: 'arguments' | readonly string[];
  readonly hasBody: boolean;
} {
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const hasBody = (body ?? (takesBody && query !== 'arguments' ? 'arguments' : 'none')) === 'arguments';
  return { query: query ?? (takesBody || hasBody ? [] : 'arguments'), hasBody };
}

/** Arguments in a query list that would never get there. */
function twiceSent({ path: template, query }: Pick<HttpHandlerConfig, 'path' | 'query'>): string[] {
  if (!Array.isArray(query)) return [];
  const inPath = placeholdersOf(template);
  return query.filter((name, at) => inPath.includes(name) || query.indexOf(name) !== at);
}

const query = z
  .record(z.string().min(1).max(128), z.string().min(1).max(1024))
  .refine((record) => Object.keys(record).length <= 16, { error: 'at most 16 parameters' });

/**
 * Connector config of kind `http`. Whether `base_url` may be reached is the egress guard's question.
 * - `headers`: sent with every request through it; a tool's own header of the same name is sent in its place.
 * - `query`: put in front of every request's query.
 * - `authorization`: where the token of every request comes from.
 * The first three may name secrets, `base_url` in its path.
 */
export const httpConnectorConfig = z
  .strictObject({
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
          if (/[{}]/.test(replaceSecrets(read.rest, () => '')))
            context.addIssue({ code: 'custom', message: 'no placeholders here' });
        }
      }),
    headers: headers
      .superRefine((record, context) => {
        const name = Object.keys(record).find((one) => one.toLowerCase() === 'content-type');
        if (name !== undefined)
          context.addIssue({ code: 'custom', path: [name], message: 'each tool says what it sends' });
      })
      .optional(),
    query: query.optional(),
    authorization: authorization.optional(),
  })
  .superRefine(refuseOwnAuthorization);

export type HttpConnectorConfig = z.output<typeof httpConnectorConfig>;

/** What to write for a connector to this address. */
export function httpConnector(baseUrl: string): { kind: string; config: Record<string, unknown> } {
  return { kind: 'http', config: { base_url: baseUrl } satisfies HttpConnectorConfig };
}
