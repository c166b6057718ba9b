import type { Hono } from 'hono';
import { z } from 'zod';
import { PROBLEMS, REFUSALS } from '../kernel/codes.ts';
import { VERSION } from '../version.ts';
import { executionLogSchema, integrationClientSchema } from './contracts.ts';
import type { Env } from './mount.ts';
import { referencePage, refusalsPage } from './reference.ts';
import { RESOURCES } from './resources.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

type Json = Record<string, unknown>;

const GATEWAY_PATHS = {
  '/api/agent/gateway': {
    get: {
      summary: 'What this client may do, or unauthenticated',
      tags: ['Gateway'],
      security: [{ token: [] }, {}],
      responses: {
        200: { description: 'The tools granted to the client, its limits and the switches that stop it.' },
        401: { $ref: '#/components/responses/problem' },
      },
    },
    post: {
      summary: 'Dispatch one tool call',
      tags: ['Gateway'],
      security: [{ token: [] }],
      parameters: [
        { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
        {
          name: 'Prefer',
          in: 'header',
          schema: { type: 'string' },
          description: 'wait=N holds the answer until the decision, at most N (up to 60) seconds.',
        },
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
                tool: { type: 'string', maxLength: 128 },
                arguments: { type: 'object' },
                approval_id: { type: 'string' },
                execute_on_approval: { type: 'boolean', default: false },
              },
            },
          },
        },
      },
      responses: {
        200: { description: 'Executed, or failed at the upstream: `{status, execution_id, result | error}`.' },
        202: {
          description:
            'Waiting for people: `{status: "pending_approval", approval_id, payload_sha256, policy, expires_at}`.',
        },
        default: { $ref: '#/components/responses/problem' },
      },
    },
  },
};

/** The OpenAPI 3.1 document, generated from the declared routes and their schemas. */
export function openApiDocument(declared: readonly Route[] = routes): Json {
  const paths: Record<string, Json> = { ...GATEWAY_PATHS };
  for (const route of declared) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Countersign', version: VERSION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "An integration client's token." },
        person: {
          type: 'apiKey',
          in: 'cookie',
          name: 'countersign.session_token',
          description: 'Set by POST /api/auth/sign-in/email.',
        },
      },
      responses: {
        problem: {
          description: 'A refusal or a problem (RFC 9457).',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
        },
      },
      schemas: {
        problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: [...Object.keys(REFUSALS), ...Object.keys(PROBLEMS)] },
            step: { type: 'string' },
            detail: { type: 'string' },
            request_id: { type: 'string' },
            execution_id: { type: 'string' },
            errors: {
              type: 'array',
              items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
            },
          },
        },
        integrationClient: integrationClientSchema,
        agentExecutionLog: executionLogSchema,
      },
    },
  };
}

function operation(route: Route): Json {
  const { status, schema, description } = route.response;
  return {
    summary: route.summary,
    tags: [route.tag],
    security: route.clients ? [{ person: [] }, { token: [] }] : [{ person: [] }],
    'x-permission': route.permission,
    parameters: [
      ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(route, name!)),
      ...queryParameters(route),
      ...(route.permission === 'signed-in'
        ? []
        : [
            {
              name: 'Countersign-Workspace',
              in: 'header',
              schema: { type: 'string' },
              description: 'Slug or id; by default the last used.',
            },
          ]),
    ],
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body) } } },
    }),
    responses: {
      [status]: {
        description: description ?? 'Done.',
        ...(schema && { content: { 'application/json': { schema: jsonSchema(schema, 'output') } } }),
      },
      default: { $ref: '#/components/responses/problem' },
    },
  };
}

function pathParameter(route: Route, name: string): Json {
  const kind = route.params?.[name];
  const description = kind && `The id of a ${kind.replace('_', ' ')}, ${RESOURCES[kind].prefix}_…`;
  return { name, in: 'path', required: true, schema: { type: 'string' }, ...(description && { description }) };
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
    required: required.includes(name),
    schema,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

/** `/openapi.json`, the reference page made from it, the table of refusals and the two published record schemas. */
export function mountContracts(hono: Hono<Env>): void {
  const document = openApiDocument();
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
