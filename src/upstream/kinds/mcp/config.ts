import { z } from 'zod';
import { replaceSecrets } from '../../../kernel/secret-reference.ts';
import { authorization, refuseOwnAuthorization } from '../../authorization.ts';
import { readUrl } from '../../egress-guard.ts';
import { INPUT_KINDS } from '../../outcome.ts';
import { headers } from '../http/headers.ts';
import { pathProblem } from '../http/path.ts';

/** What the protocol itself says in headers. */
const OWN_HEADERS = /^(?:mcp-.*|accept|content-type|last-event-id)$/;

const url = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const complain = (message: string): void => {
      context.addIssue({ code: 'custom', message });
    };
    const read = readUrl(text);
    if (!read.ok) return complain(read.detail);
    const [path = '', query = ''] = read.rest.split('?', 2);
    if (read.rest.includes('#')) complain('no fragment here');
    const message = path === '' ? null : pathProblem(path);
    if (message !== null) complain(message);
    if (/[{}]/.test(replaceSecrets(path + query, () => '')))
      complain('no placeholders but secrets, as in {{secret:API_KEY}}');
  });

const word = z
  .string()
  .min(1, 'must not be empty')
  .max(1024)
  .regex(/^\P{Cc}*$/u, 'leave out control characters');

/**
 * What the server may ask of the agents' own clients in the middle of a call: their model, their person, their folders.
 * What is not named is declined.
 */
const relays = z
  .array(z.enum(INPUT_KINDS, { error: `write ${INPUT_KINDS.join(', ')}, or leave it out` }))
  .max(INPUT_KINDS.length)
  .refine((kinds) => new Set(kinds).size === kinds.length, { error: 'name each once' })
  .optional();

/** Streamable HTTP. `url` may name secrets in path and query, `headers` wherever something is written; with `authorization` a token goes along. */
const overHttp = z
  .strictObject({
    transport: z.literal('http'),
    url,
    headers: headers
      .superRefine((record, context) => {
        const name = Object.keys(record).find((one) => OWN_HEADERS.test(one.toLowerCase()));
        if (name !== undefined)
          context.addIssue({ code: 'custom', path: [name], message: 'the protocol sets this header' });
      })
      .optional(),
    authorization: authorization.optional(),
    relays,
  })
  .superRefine(refuseOwnAuthorization);

/** A process on this machine. Whether it may be started is the operator's setting's question. `env` may name secrets. */
const overStdio = z.strictObject({
  transport: z.literal('stdio'),
  command: word.refine((text) => !/\s/.test(text), {
    error: 'write the command alone; what follows it goes into args',
  }),
  args: z
    .array(
      word.refine((text) => !text.includes('{{secret:'), {
        error: 'others on the machine can read arguments: write secrets into env',
      }),
    )
    .max(64)
    .default([]),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'not the name of a variable'),
      z
        .string()
        .max(4096)
        .regex(/^[^\0]*$/),
    )
    .refine((record) => Object.keys(record).length <= 64, { error: 'at most 64 variables' })
    .default({}),
  relays,
});

/** Connector config of kind `mcp`. */
export const mcpConnectorConfig = z.discriminatedUnion('transport', [overHttp, overStdio], {
  error: 'write a transport: http with a url, or stdio with a command',
});
export type McpConnectorConfig = z.output<typeof mcpConnectorConfig>;
export type HttpServer = Extract<McpConnectorConfig, { transport: 'http' }>;
export type StdioServer = Extract<McpConnectorConfig, { transport: 'stdio' }>;

const pin = z.string().regex(/^[0-9a-f]{64}$/);
const timeoutMs = z.int().min(100).max(600_000).default(60_000);

/**
 * Handler config of kind `mcp`: one tool of the connector's server.
 * - `tool`: its name there.
 * - `pin`: the hash over its definition as it was accepted. A server that says anything else of it is not called.
 * - `param_headers`: arguments that the later revision repeats in headers, by their place.
 * - `timeout_ms`: from the start of the call to the last byte of the answer.
 */
export const mcpHandlerConfig = z.strictObject({
  tool: z.string().min(1).max(2048),
  pin,
  param_headers: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/),
        path: z.array(z.string()).min(1).max(8),
      }),
    )
    .max(16)
    .optional(),
  timeout_ms: timeoutMs,
});
export type McpHandlerConfig = z.output<typeof mcpHandlerConfig>;

const item = z.record(z.string(), z.unknown());

/**
 * Handler config of kind `mcp_context`: what a server has to be read beside its tools, and of that what was accepted.
 * `pin` is the hash over all of it.
 */
export const mcpContextConfig = z.discriminatedUnion('serves', [
  z.strictObject({ serves: z.literal('prompts'), pin, prompts: z.array(item).max(500), timeout_ms: timeoutMs }),
  z.strictObject({
    serves: z.literal('resources'),
    pin,
    resources: z.array(item).max(500),
    templates: z.array(item).max(500),
    timeout_ms: timeoutMs,
  }),
]);
export type McpContextConfig = z.output<typeof mcpContextConfig>;
