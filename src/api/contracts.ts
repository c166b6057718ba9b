import { z } from 'zod';
import { CALL_STATES, CLIENT_STATUSES, EXECUTION_STATUSES } from '../kernel/statuses.ts';

const SCHEMA = 'https://json-schema.org/draft/2020-12/schema';
const at = z.iso.datetime();
const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();

/** A record of the registry of agent clients, as `GET /v1/clients/{id}` answers. */
export const integrationClientSchema = {
  $id: '/schemas/integrationClient.json',
  title: 'integrationClient',
  ...z.toJSONSchema(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      draft_only: z.boolean(),
      rpm_limit: z.int(),
      owner_user_id: z.string(),
      status: z.enum(CLIENT_STATUSES),
      created_at: at,
    }),
  ),
  $schema: SCHEMA,
};

/** A tool call, as `GET /v1/executions/{id}` answers. */
export const executionLogSchema = {
  $id: '/schemas/agentExecutionLog.json',
  title: 'agentExecutionLog',
  ...z.toJSONSchema(
    z.looseObject({
      id: z.string(),
      status: z.enum(EXECUTION_STATUSES),
      state: z.enum(CALL_STATES).describe('The word for the status.'),
      tool: z.string(),
      effect: nullable(z.string()),
      policy: nullable(z.string()),
      principal: z.looseObject({ kind: z.string(), id: z.string(), name: nullable(z.string()) }),
      step: nullable(z.string()),
      code: nullable(z.string()),
      detail: nullable(z.string()),
      approval_id: nullable(z.string()),
      payload_sha256: nullable(z.string()),
      via: z.string().describe('The door it came in by: rest, test, or approval.'),
      request_id: nullable(z.string()),
      run_id: nullable(z.string()).describe('The run it belongs to, as its caller named it or as its MCP session.'),
      on_behalf_of: nullable(z.string()).describe('Whom it was made for, as its caller says.'),
      created_at: at,
      started_at: nullable(at),
      finished_at: nullable(at),
      duration_ms: nullable(z.number()),
    }),
  ),
  $schema: SCHEMA,
};
