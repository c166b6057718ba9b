import type { Hono } from 'hono';
import { z } from 'zod';
import { PROBLEMS, REFUSALS } from '../kernel/codes.ts';
import { idPattern } from '../kernel/ids.ts';
import { VERSION } from '../version.ts';
import type { App } from './app.ts';
import { executionLogSchema, integrationClientSchema } from './contracts.ts';
import type { Env } from './mount.ts';
import { FIXED_PATHS, problems } from './openapi/fixed-paths.ts';
import { type Json, jsonSchema } from './openapi/formats.ts';
import { operationId } from './openapi/operation-id.ts';
import { referencePage, refusalsPage } from './reference.ts';
import { RESOURCES } from './resources.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const TAGS: Readonly<Record<string, string>> = {
  Gateway: 'How agents call tools, and ask what they may call.',
  'Sign-in': 'How people come in.',
  Health: 'For load balancers and supervisors.',
  Workspace: 'The workspace of a request, and who is signed in.',
  Members: 'The people of the workspace and their roles.',
  Clients: 'The agents that are registered here.',
  Tokens: "Clients' credentials.",
  Grants: 'Which client may call which tool, under which policy.',
  Connectors: 'Where tools lead to.',
  Tools: 'What can be called.',
  'Kill switches': 'What stops calls at once.',
  Executions: 'The log of calls.',
  Approvals: 'Calls that wait for people, and what people said.',
  Audit: 'The chain of everything that happened.',
  Events: 'The chain as it grows.',
};

/**
 * The OpenAPI 3.1 document, generated from the declared routes and their schemas. `server` is where the API is reached:
 * by default where the document was read.
 */
export function openApiDocument(declared: readonly Route[] = routes, server = '/'): Json {
  const paths: Record<string, Json> = { ...(FIXED_PATHS as Record<string, Json>) };
  for (const route of declared) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  const tags = new Set([...Object.keys(TAGS), ...declared.map(({ tag }) => tag)]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: VERSION,
      description: 'A gate between AI agents and the real world: grants, approvals, kill switches and an audit log.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: server, description: 'This Countersign.' }],
    tags: [...tags].map((name) => ({ name, description: TAGS[name] ?? name })),
    security: [{ person: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "An integration client's token." },
        person: {
          type: 'apiKey',
          in: 'cookie',
          name: 'countersign.session_token',
          description: 'Set by POST /api/auth/sign-in/email. Over https its name begins with __Secure-.',
        },
      },
      parameters: {
        workspace: {
          name: 'Countersign-Workspace',
          in: 'header',
          schema: { type: 'string', maxLength: 64 },
          description: 'Slug or id of the workspace; by default the one used last.',
        },
        ifMatch: {
          name: 'If-Match',
          in: 'header',
          schema: { type: 'string', pattern: '^(\\*|"\\d{1,9}")$' },
          description: 'The ETag of what is edited. If it was changed meanwhile, the answer is 412.',
        },
        traceparent: {
          name: 'traceparent',
          in: 'header',
          schema: { type: 'string' },
          description: 'The trace this request is part of (W3C Trace Context); it is logged and recorded.',
        },
        lastEventId: {
          name: 'Last-Event-ID',
          in: 'header',
          schema: { type: 'string', pattern: '^\\d+$' },
          description: 'The id of the last event that was seen; the stream goes on behind it.',
        },
      },
      headers: {
        etag: { description: 'The version, for If-Match.', schema: { type: 'string' } },
        requestId: {
          description: 'Names the request in the log.',
          schema: { type: 'string', pattern: idPattern('req') },
        },
      },
      responses: {
        problem: {
          description: 'A refusal or a problem (RFC 9457).',
          headers: { 'X-Request-Id': { $ref: '#/components/headers/requestId' } },
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
        },
      },
      schemas: {
        problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
          properties: {
            type: { type: 'string', format: 'uri-reference' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: [...new Set([...Object.keys(REFUSALS), ...Object.keys(PROBLEMS)])] },
            step: { type: 'string' },
            detail: { type: 'string' },
            request_id: { type: 'string', pattern: idPattern('req') },
            execution_id: { type: 'string', pattern: idPattern('exe') },
            approval_id: { type: 'string', pattern: idPattern('apv') },
            remedy: {
              type: 'object',
              description: 'What would make the call pass.',
              properties: {
                whom_to_ask: { type: 'string' },
                resets_at: { type: 'string', format: 'date-time' },
                missing: { type: 'array', items: { type: 'string' } },
                send: { type: 'array', items: { type: 'string' } },
                budget: {
                  type: 'object',
                  required: ['id', 'name', 'unit', 'period', 'limit', 'used', 'asked'],
                  properties: {
                    id: { type: 'string' },
                    name: { type: 'string' },
                    unit: { type: 'string' },
                    period: { enum: ['day', 'month'] },
                    limit: { type: 'string' },
                    used: { type: 'string' },
                    asked: { type: 'string' },
                  },
                },
              },
            },
            errors: {
              type: 'array',
              items: {
                type: 'object',
                required: ['field', 'message'],
                properties: {
                  field: { type: 'string' },
                  message: { type: 'string' },
                  line: { type: 'integer' },
                  column: { type: 'integer' },
                  names: { type: 'string' },
                },
              },
            },
          },
        },
        integrationClient: embedded(integrationClientSchema),
        agentExecutionLog: embedded(executionLogSchema),
      },
    },
  };
}

/** A published schema as part of this document, which has an address and a dialect of its own. */
function embedded({ $id: _id, $schema: _schema, ...schema }: Json): Json {
  return schema;
}

/** Answers that are a published record. */
const RECORDS: Readonly<Record<string, string>> = {
  'get /v1/clients/{id}': 'integrationClient',
  'get /v1/executions/{id}': 'agentExecutionLog',
};

function operation(route: Route): Json {
  const { status, schema } = route.response;
  const isOfWorkspace = route.permission !== 'signed-in';
  const hasVersion = schema instanceof z.ZodObject && 'version' in schema.shape;
  const parameters = [
    ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(route, name!)),
    ...queryParameters(route),
    ...(isOfWorkspace ? [parameter('workspace')] : []),
    ...(hasVersion && route.method === 'patch' ? [parameter('ifMatch')] : []),
    ...(route.path === '/v1/events' ? [parameter('lastEventId')] : []),
    parameter('traceparent'),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    security: route.clients ? [{ person: [] }, { token: [] }] : [{ person: [] }],
    'x-permission': route.permission,
    parameters,
    ...(route.body && {
      requestBody: { required: true, content: bodyContent(route, route.body) },
    }),
    responses: {
      [status]: {
        description: route.response.description ?? 'Done.',
        headers: {
          'X-Request-Id': { $ref: '#/components/headers/requestId' },
          ...(hasVersion && { ETag: { $ref: '#/components/headers/etag' } }),
        },
        ...contentOf(route),
      },
      ...problems(...problemStatuses(route, hasVersion)),
    },
  };
}

function bodyContent({ upload }: Route, body: NonNullable<Route['body']>): Json {
  const schema = jsonSchema(body);
  if (upload === undefined) return { 'application/json': { schema } };
  const document = { type: 'string', contentMediaType: 'application/octet-stream' };
  const form = {
    type: 'object',
    properties: { request: { type: 'string', contentMediaType: 'application/json', contentSchema: schema }, document },
  };
  return { 'application/json': { schema }, 'multipart/form-data': { schema: form } };
}

function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function contentOf(route: Route): Json {
  const { schema, mediaTypes } = route.response;
  const record = RECORDS[`${route.method} ${route.path}`];
  if (record !== undefined)
    return { content: { 'application/json': { schema: { $ref: `#/components/schemas/${record}` } } } };
  if (schema !== undefined) return { content: { 'application/json': { schema: jsonSchema(schema, 'output') } } };
  if (mediaTypes === undefined) return {};
  return { content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string' } }])) };
}

function problemStatuses(route: Route, hasVersion: boolean): number[] {
  const { method, body, query, params } = route;
  return [
    ...(body ? [400, 413, 415] : []),
    401,
    403,
    ...(params ? [404] : []),
    ...(method === 'get' ? [] : [409]),
    ...(hasVersion && method === 'patch' ? [412] : []),
    ...(body || query ? [422] : []),
    ...(route.clients || route.audited || route.metered ? [429] : []),
    503,
  ];
}

function pathParameter(route: Route, name: string): Json {
  const kind = route.params?.[name];
  if (kind === undefined) return { name, in: 'path', required: true, schema: { type: 'string' } };
  const { prefix } = RESOURCES[kind];
  const description = `The id of a ${kind.replace('_', ' ')}, ${prefix}_…`;
  return { name, in: 'path', required: true, schema: { type: 'string', pattern: idPattern(prefix) }, description };
}

function queryParameters(route: Route): Json[] {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(route.query) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    // What has a default may be left out.
    required: required.includes(name) && schema.default === undefined,
    schema,
  }));
}

/** `/openapi.json`, the reference page made from it, the table of refusals and the two published record schemas. */
export function mountContracts(hono: Hono<Env>, app: App): void {
  const document = openApiDocument(routes, app.settings.COUNTERSIGN_PUBLIC_URL?.replace(/\/$/, ''));
  const html = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  };
  hono.get('/openapi.json', (c) => c.json(document));
  hono.get('/docs', (c) => c.body(referencePage(document), 200, html));
  hono.get('/docs/refusals', (c) => c.body(refusalsPage(), 200, html));
  hono.get('/schemas/integrationClient.json', (c) => c.json(integrationClientSchema));
  hono.get('/schemas/agentExecutionLog.json', (c) => c.json(executionLogSchema));
}
