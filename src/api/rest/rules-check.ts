import { z } from 'zod';
import { fieldsOf, tryRules } from '../../governance/policies/try-rules.ts';
import { POLICIES, problem } from '../../kernel/codes.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { rulesInput } from '../../registry/grants/rules.ts';
import { findTool } from '../../registry/tools/read.ts';
import { type Route, route } from '../route.ts';

/** `POST /v1/tools/{id}/check-rules`: what an editor asks while somebody writes rules. Nothing is kept. */
export const rulesCheckRoutes: Route[] = [
  route({
    method: 'post',
    path: '/v1/tools/{id}/check-rules',
    summary: "Check rules against a tool's schema, and try them on arguments, without keeping either",
    tag: 'Grants',
    permission: 'grants.manage',
    params: { id: 'tool' },
    lock: 'none',
    body: z.strictObject({
      rules: rulesInput,
      policy: z.enum(POLICIES).default('auto').describe("The grant's own policy, which the rules raise."),
      arguments: z.record(z.string(), z.unknown()).optional().describe('What to try the rules on.'),
      labels: z.array(z.string().max(64)).max(20).default([]).describe('Labels on the run of that call.'),
    }),
    response: {
      status: 200,
      schema: z.object({
        errors: z.array(
          z.object({
            rule: z.int().describe("The rule's place in the list, from 0."),
            member: z.string(),
            line: z.int(),
            column: z.int(),
            field: z.string().optional(),
            message: z.string(),
          }),
        ),
        wrong_arguments: z.array(z.object({ path: z.string(), message: z.string() })),
        said: z
          .object({ policy: z.enum(POLICIES), rule: z.string().nullable(), fault: z.string().nullable() })
          .nullable()
          .describe('What would apply to a call with these arguments, and the rule that raises it.'),
        fields: z.array(z.object({ path: z.string(), type: z.string() })).describe('What conditions can look at.'),
      }),
    },
    async handle({ tx, params, body, caller }) {
      const tool = await findTool(tx, params.id!);
      if (tool === undefined) return problem('not_found');
      const schema = compileSchema(tool.input_schema);
      const tried = tryRules(tool.input_schema, {
        rules: body.rules,
        policy: body.policy,
        args: body.arguments as JsonObject | undefined,
        tool: { name: tool.name, effect: tool.effect },
        principal: { kind: 'client', id: caller.actor.id },
        run: { labels: body.labels },
        now: new Date(),
      });
      return { body: { ...tried, fields: schema.ok ? fieldsOf(schema.shape()) : [] } };
    },
  }),
];
