import { problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { archiveTool } from '../../registry/tools/archive.ts';
import { createTool } from '../../registry/tools/create.ts';
import { findTool, listTools } from '../../registry/tools/read.ts';
import { createToolInput, listToolsQuery, toolView, updateToolInput } from '../../registry/tools/schemas.ts';
import { updateTool } from '../../registry/tools/update.ts';
import { type Route, route } from '../route.ts';
import { foundOr, nothingOf, versioned } from './answers.ts';

const tag = 'Tools';
const params = { id: 'tool' } as const;

export const toolRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/tools',
    summary: 'The tools of the workspace',
    tag,
    permission: 'tools.read',
    query: listToolsQuery,
    response: { status: 200, schema: pageSchema(toolView) },
    handle: async ({ tx, query }) => ({ body: await listTools(tx, query) }),
  }),
  route({
    method: 'post',
    path: '/v1/tools',
    summary: 'Add a tool',
    tag,
    permission: 'tools.manage',
    body: createToolInput,
    response: { status: 201, schema: toolView },
    handle: async ({ tx, caller, body }) => versioned(await createTool({ tx, actor: caller.actor }, body)),
  }),
  route({
    method: 'get',
    path: '/v1/tools/{id}',
    summary: 'One tool',
    tag,
    permission: 'tools.read',
    params,
    response: { status: 200, schema: toolView },
    handle: async ({ tx, params }) => foundOr(problem('not_found'), await findTool(tx, params.id!)),
  }),
  route({
    method: 'patch',
    path: '/v1/tools/{id}',
    summary: 'Change a tool; approvals asked for before can no longer be executed',
    tag,
    permission: 'tools.manage',
    params,
    body: updateToolInput,
    response: { status: 200, schema: toolView },
    handle: async ({ tx, caller, params, body, ifVersion }) =>
      versioned(await updateTool({ tx, actor: caller.actor }, { ...body, id: params.id!, ifVersion })),
  }),
  route({
    method: 'delete',
    path: '/v1/tools/{id}',
    summary: 'Archive a tool, for good',
    tag,
    permission: 'tools.manage',
    params,
    response: { status: 204 },
    handle: async ({ tx, caller, params }) =>
      nothingOf(await archiveTool({ tx, actor: caller.actor }, { id: params.id! })),
  }),
];
