import { z } from 'zod';
import { replaceSecrets } from '../../../kernel/secret-reference.ts';
import { authorization, refuseOwnAuthorization } from '../../authorization.ts';
import { readUrl } from '../../egress-guard.ts';
import { contentTypeProblem, headers } from './headers.ts';
import { pathProblem, placeholdersOf } from './path.ts';
import { type BodyPlace, bodyPlace, bodyProblem, headerPlace, type QueryPlace, queryPlace } from './placement.ts';

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
 *   (percent-encoded) and remove it from query, headers and body.
 * - `query`: `arguments` sends all remaining arguments in the query, a list only those. Default: all for GET
 *   and for DELETE without a body, none otherwise.
 * - `header_arguments`: arguments that are sent as headers.
 * - `body`: `arguments` sends the remaining arguments as a JSON object. Default for POST, PUT and PATCH, unless
 *   all of them are in the query. Other bodies are set out in full, see {@link bodyPlace}.
 * - `headers`: sent as they are written, with secrets in the place of `{{secret:NAME}}`, which may stand in `path` and in
 *   the body's `template`, too.
 * - `timeout_ms`: from the start of the call to the last byte of the answer, in milliseconds.
 * - `idempotent`: the upstream does the same once however often it is asked, so that a call that it may not have got or
 *   could not serve is sent again.
 */
export const handlerShape = {
  method: z.enum(METHODS),
  path,
  query: z.union([z.literal('arguments'), z.array(queryPlace).max(128)]).optional(),
  header_arguments: z.array(headerPlace).max(32).optional(),
  headers: headers.optional(),
  timeout_ms: z.int().min(100).max(60_000).default(30_000),
  body: z.union([z.enum(['arguments', 'none']), bodyPlace]).optional(),
  idempotent: z.boolean().optional(),
};

export const httpHandlerConfig = z.strictObject(handlerShape).superRefine(checkHandler);

export type HttpHandlerConfig = z.output<typeof httpHandlerConfig>;

/** What must fit together in a handler config. */
export function checkHandler(config: HttpHandlerConfig, context: z.RefinementCtx): void {
  const complain = (at: string[], message: string): void => {
    context.addIssue({ code: 'custom', path: at, message });
  };
  const { body } = config;
  if (body !== undefined && body !== 'none' && config.method === 'GET') complain(['body'], 'GET has no body');
  if (body === 'arguments' && config.query === 'arguments') {
    complain(['body'], 'the arguments go into the query or the body, not both');
  }
  const wrong = typeof body === 'object' ? bodyProblem(body) : null;
  if (wrong !== null) complain(['body', wrong[0]], wrong[1]);
  if (typeof body === 'object' && config.query === 'arguments' && takesTheRest(body)) {
    complain(['query'], 'the body takes all arguments that are not placed elsewhere; list those of the query');
  }
  for (const [at, name] of twiceSent(config)) {
    complain([at], `the argument ${JSON.stringify(name)} has a place already`);
  }
  const named = Object.fromEntries((config.header_arguments ?? []).map(({ name }) => [name, 'x']));
  for (const { path: at, message } of headers.safeParse(named).error?.issues ?? []) {
    complain(['header_arguments'], `${String(at[0] ?? '')}: ${message}`);
  }
  const fixed = new Set(Object.keys(config.headers ?? {}).map((name) => name.toLowerCase()));
  for (const { name } of config.header_arguments ?? []) {
    if (fixed.has(name.toLowerCase()) || name.toLowerCase() === 'content-type') {
      complain(['header_arguments'], `${name}: this header is not an argument's`);
    }
  }
  const { body: sent } = placesOf(config);
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    const message = name.toLowerCase() === 'content-type' ? contentTypeProblem(value, sent?.as ?? null) : null;
    if (message !== null) complain(['headers', name], message);
  }
}

/** Where the arguments go that are not in the path: the defaults of `query` and `body`, worked out. */
export function placesOf({ method, query, body }: Pick<HttpHandlerConfig, 'method' | 'query' | 'body'>): {
  readonly query: 'arguments' | readonly QueryPlace[];
  readonly body: BodyPlace | null;
} {
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const said = body ?? (takesBody && query !== 'arguments' ? 'arguments' : 'none');
  const place = said === 'none' ? null : said === 'arguments' ? ALL_AS_JSON : said;
  return { query: query ?? (takesBody || place !== null ? [] : 'arguments'), body: place };
}

/** Whether a body is made of whatever has no other place. */
export function takesTheRest({ argument, template }: BodyPlace): boolean {
  return argument === undefined && template === undefined;
}

const ALL_AS_JSON: BodyPlace = { as: 'json' };

/** Arguments that would never get to their second place, and which one that is. */
function twiceSent({ path: template, query, header_arguments = [], body }: HttpHandlerConfig): [string, string][] {
  const seen = new Set(placeholdersOf(template));
  const found: [string, string][] = [];
  const place = (at: string, name: string): void => {
    if (seen.has(name)) found.push([at, name]);
    seen.add(name);
  };
  for (const each of Array.isArray(query) ? query : []) place('query', argumentOf(each));
  for (const { argument } of header_arguments) place('header_arguments', argument);
  if (typeof body === 'object' && body.argument !== undefined) place('body', body.argument);
  return found;
}

/** The argument of a place in the query. */
export function argumentOf(place: QueryPlace): string {
  return typeof place === 'string' ? place : place.argument;
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
export const connectorShape = {
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
};

export const httpConnectorConfig = z.strictObject(connectorShape).superRefine(refuseOwnAuthorization);

export type HttpConnectorConfig = z.output<typeof httpConnectorConfig>;

/** What to write for a connector to this address. */
export function httpConnector(baseUrl: string): { kind: string; config: Record<string, unknown> } {
  return { kind: 'http', config: { base_url: baseUrl } satisfies HttpConnectorConfig };
}
