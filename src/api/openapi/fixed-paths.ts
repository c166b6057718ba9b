import { EFFECTS, POLICIES } from '../../kernel/codes.ts';
import { idPattern } from '../../kernel/ids.ts';
import { ABOUT_HEADERS, ABOUT_MEMBERS } from './about-call.ts';
import type { Json } from './formats.ts';

/** The paths that are not declared as routes: the gateway's own, people's sign-in, and health. */

const id = (prefix: string): Json => ({ type: 'string', pattern: idPattern(prefix) });
const at: Json = { type: 'string', format: 'date-time' };
const text: Json = { type: 'string' };
const anyObject: Json = { type: 'object', additionalProperties: true };
const object = (properties: Json, required = Object.keys(properties)): Json => ({
  type: 'object',
  required,
  properties,
});
const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
});

/** References to the problem response for these statuses, and for every other. */
export function problems(...statuses: number[]): Json {
  const problem = { $ref: '#/components/responses/problem' };
  return Object.fromEntries([...statuses.map(String), 'default'].map((status) => [status, problem]));
}

const outcome = (status: string, member: string): Json =>
  object({ status: { const: status }, execution_id: id('exe'), [member]: {} });

const pending = object({
  status: { const: 'pending_approval' },
  execution_id: id('exe'),
  approval_id: id('apv'),
  payload_sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  policy: { enum: POLICIES.filter((policy) => policy !== 'auto') },
  expires_at: at,
});

const dryRun = object(
  {
    status: { const: 'dry_run' },
    ruling: { enum: ['execute', 'approval', 'refused'] },
    policy: { enum: [...POLICIES, null] },
    policy_rule: { type: ['string', 'null'], description: 'The rule that raised the policy.' },
    policy_fault: { ...text, description: 'Why that rule could not be evaluated.' },
    refusal: object({ code: text, step: text, detail: text, remedy: anyObject }, ['code', 'step', 'detail']),
  },
  ['status', 'ruling', 'policy', 'policy_rule'],
);

const clientStatus = object({
  status: { const: 'ok' },
  deny_by_default: { const: true },
  workspace: object({ id: id('org'), slug: text, name: text }),
  client: object({ id: id('icl'), name: text, draft_only: { type: 'boolean' }, rpm_limit: { type: 'integer' } }),
  tools: {
    type: 'array',
    items: object({
      name: text,
      description: text,
      effect: { enum: EFFECTS },
      policy: { enum: POLICIES, description: 'What applies unless a rule of the grant raises it.' },
      has_rules: { type: 'boolean', description: 'Rules may raise the policy of a call.' },
      justification_required: { type: 'boolean', description: 'A call has to say why it is made.' },
      input_schema: anyObject,
      stopped: { type: 'boolean', description: 'A kill switch stops it.' },
    }),
  },
  stopped: { type: 'boolean' },
});

const GATEWAY: Json = {
  '/api/agent/gateway': {
    get: {
      operationId: 'getGateway',
      summary: 'What this client may do',
      tags: ['Gateway'],
      security: [{ token: [] }],
      responses: {
        200: json('The tools granted to the client, its limits and the switches that stop it.', clientStatus),
        ...problems(401, 429, 503),
      },
    },
    post: {
      operationId: 'callTool',
      summary: 'Dispatch one tool call',
      tags: ['Gateway'],
      security: [{ token: [] }],
      parameters: [
        {
          name: 'Idempotency-Key',
          in: 'header',
          schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
          description: 'The same key with the same body gets the first answer again.',
        },
        {
          name: 'Prefer',
          in: 'header',
          schema: { type: 'string' },
          description: 'wait=N holds the answer until the decision, at most N (up to 60) seconds.',
        },
        ...ABOUT_HEADERS,
        { $ref: '#/components/parameters/traceparent' },
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['tool'],
              additionalProperties: false,
              properties: {
                tool: { type: 'string', minLength: 1, maxLength: 128 },
                arguments: { ...anyObject, description: "What the tool's input schema asks for." },
                approval_id: { ...id('apv'), description: 'Runs what that approval was granted for.' },
                execute_on_approval: { type: 'boolean', default: false },
                ...ABOUT_MEMBERS,
                justification: {
                  type: 'string',
                  minLength: 1,
                  maxLength: 2000,
                  description:
                    'Why the call is made, for the people who approve. Part of what they sign; never sent on.',
                },
                dry_run: {
                  type: 'boolean',
                  default: false,
                  description: 'Answers what would become of the call, and does nothing.',
                },
              },
            },
          },
        },
      },
      responses: {
        200: json('Executed, failed at the upstream, or what a dry run says.', {
          oneOf: [outcome('executed', 'result'), outcome('failed', 'error'), dryRun],
        }),
        202: {
          ...json('Waiting for people.', pending),
          headers: { Location: { description: 'The approval.', schema: { type: 'string', format: 'uri-reference' } } },
        },
        ...problems(400, 401, 402, 403, 404, 409, 413, 415, 422, 429, 502, 503, 504),
      },
    },
  },
};

const rpcId: Json = { type: ['string', 'integer'] };
const rpcAnswer = object(
  {
    jsonrpc: { const: '2.0' },
    id: { ...rpcId, type: ['string', 'integer', 'null'] },
    result: anyObject,
    error: anyObject,
  },
  ['jsonrpc', 'id'],
);

/** What MCP clients use: the protocol itself says what is in its messages. */
const MCP: Json = {
  '/mcp': {
    post: {
      operationId: 'sendMcp',
      summary: 'One message of the Model Context Protocol (Streamable HTTP)',
      tags: ['Gateway'],
      security: [{ token: [] }],
      parameters: [
        {
          name: 'tools',
          in: 'query',
          schema: { const: 'search' },
          description: 'Lists more than 40 tools as the means to search them.',
        },
        ...ABOUT_HEADERS,
        { $ref: '#/components/parameters/traceparent' },
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: object({ jsonrpc: { const: '2.0' }, id: rpcId, method: text, params: anyObject }, ['jsonrpc']),
          },
        },
      },
      responses: {
        200: {
          description: 'The answer, alone or at the end of a stream of what was said before it.',
          content: { 'application/json': { schema: rpcAnswer }, 'text/event-stream': { schema: text } },
        },
        202: { description: 'A notification has been taken note of.' },
        400: json('What was sent is not the protocol.', rpcAnswer),
        404: json('There is no such method, or no such session.', rpcAnswer),
        413: json('The body is larger than 1 MiB.', rpcAnswer),
        415: json('The body is no JSON.', rpcAnswer),
        503: json('The store cannot be reached.', rpcAnswer),
        ...problems(401, 403, 405, 429),
      },
    },
  },
  '/.well-known/oauth-protected-resource/mcp': {
    get: {
      operationId: 'getMcpResource',
      summary: 'What an MCP client must know before it asks (RFC 9728)',
      tags: ['Gateway'],
      security: [],
      responses: {
        200: json(
          'The metadata of the protected resource.',
          object({
            resource: { type: 'string', format: 'uri' },
            resource_name: text,
            bearer_methods_supported: { type: 'array', items: { const: 'header' } },
            resource_documentation: { type: 'string', format: 'uri' },
          }),
        ),
        ...problems(421),
      },
    },
  },
};

const person = object({ id: id('usr'), name: text, email: { type: 'string', format: 'email' } });
const password: Json = { type: 'string', minLength: 1, maxLength: 128, format: 'password' };
const body = (schema: Json): Json => ({
  required: true,
  content: { 'application/json': { schema: { ...schema, additionalProperties: false } } },
});

const SIGN_IN: Json = {
  '/api/auth/sign-in/email': {
    post: {
      operationId: 'signIn',
      summary: 'Sign in with e-mail address and password; the answer sets the cookie',
      tags: ['Sign-in'],
      security: [],
      requestBody: body(
        object({ email: { type: 'string', format: 'email' }, password, rememberMe: { type: 'boolean' } }, [
          'email',
          'password',
        ]),
      ),
      responses: { 200: json('Signed in.', object({ user: person })), ...problems(400, 401, 403, 415, 422, 429) },
    },
  },
  '/api/auth/sign-out': {
    post: {
      operationId: 'signOut',
      summary: 'End the sign-in of the cookie',
      tags: ['Sign-in'],
      security: [{ person: [] }],
      responses: { 200: json('Signed out.', object({ success: { const: true } })), ...problems(403) },
    },
  },
  '/api/auth/get-session': {
    get: {
      operationId: 'getSession',
      summary: 'Who is signed in, or null',
      tags: ['Sign-in'],
      security: [{ person: [] }, {}],
      responses: {
        200: json('The session, or null.', {
          oneOf: [object({ session: object({ id: text }), user: person }), { type: 'null' }],
        }),
        ...problems(429),
      },
    },
  },
  '/api/auth/change-password': {
    post: {
      operationId: 'changePassword',
      summary: 'Change the own password, and end every other sign-in',
      tags: ['Sign-in'],
      security: [{ person: [] }],
      requestBody: body(object({ currentPassword: password, newPassword: { ...password, minLength: 10 } })),
      responses: { 200: json('Changed.', object({ user: person })), ...problems(400, 401, 403, 415, 422, 429) },
    },
  },
};

const newPassword: Json = { ...password, minLength: 10 };
const linkToken: Json = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{43}$',
  description: 'What stands behind # in a link.',
};
const name: Json = { type: 'string', minLength: 1, maxLength: 80 };
const role: Json = { enum: ['admin', 'member', 'viewer'] };
/** Set where others know the password: until it is changed, it opens nothing else. */
const entered = (more: Json = {}): Json =>
  object({ user: person, must_change_password: { const: true }, ...more }, ['user', ...Object.keys(more)]);

const link = (
  operationId: string,
  summary: string,
  sent: Json,
  answer: Json,
  statuses: number[],
  security: Json[] = [],
): Json => ({
  post: {
    operationId,
    summary,
    tags: ['Sign-in'],
    security,
    requestBody: body(object(sent)),
    responses: { 200: json('Done.', answer), ...problems(400, ...statuses, 404, 415, 422, 429) },
  },
});

/** What the pages of one-time links use: invitations, the first set-up, and choosing a password. */
const LINKS: Json = {
  '/api/auth/link': link(
    'lookAtLink',
    'What a one-time link is for, while it works',
    { token: linkToken },
    {
      oneOf: [
        object({
          kind: { const: 'invitation' },
          email: { type: 'string', format: 'email' },
          role,
          workspace: text,
          invited_by: text,
          expires_at: at,
        }),
        object({ kind: { const: 'setup' } }),
        object({ kind: { const: 'password' }, email: { type: 'string', format: 'email' } }),
      ],
    },
    [403],
  ),
  '/api/auth/invitation/accept': link(
    'acceptInvitation',
    'Join the workspace of an invitation as the person signed in, whose address it names',
    { token: linkToken },
    object({ workspace_id: id('org') }),
    [401, 403, 409],
    [{ person: [] }],
  ),
  '/api/auth/invitation/join': link(
    'joinByInvitation',
    'Make an account for the address of an invitation, join, and sign in',
    { token: linkToken, name, password: newPassword },
    entered({ workspace_id: id('org') }),
    [403, 409],
  ),
  '/api/auth/setup': link(
    'setUp',
    'Make the owner and the first workspace of an empty installation with the link that the server printed, and sign in',
    {
      token: linkToken,
      email: { type: 'string', format: 'email' },
      name,
      password: newPassword,
      workspace: {
        ...object({ slug: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' }, name }),
        additionalProperties: false,
      },
    },
    entered({ workspace_id: id('org') }),
    [403, 409],
  ),
  '/api/auth/password': link(
    'choosePassword',
    'Choose a password with a link, end every sign-in of before, and sign in',
    { token: linkToken, password: newPassword },
    entered(),
    [403],
  ),
};

const health = (summary: string, operationId: string, properties: Json, failing: Json): Json => ({
  get: {
    operationId,
    summary,
    tags: ['Health'],
    security: [],
    responses: { 200: json('It can.', object(properties)), ...failing, ...problems(421) },
  },
});

const HEALTH: Json = {
  '/healthz': health('Whether the process runs', 'getHealth', { status: { const: 'ok' } }, {}),
  '/readyz': health(
    'Whether calls can be governed now; remembered for a second',
    'getReadiness',
    { status: text, store: text, sequencer_lag_ms: { type: 'number' } },
    { 503: json('It cannot.', object({ status: text, store: text })) },
  ),
};

export const FIXED_PATHS: Json = { ...GATEWAY, ...MCP, ...SIGN_IN, ...LINKS, ...HEALTH };
