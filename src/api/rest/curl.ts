import { z } from 'zod';
import { EFFECTS } from '../../kernel/codes.ts';
import { fieldProblem } from '../../registry/config-check.ts';
import { draftOfCurl } from '../../registry/curl/draft.ts';
import { type Route, route } from '../route.ts';

const config = z.record(z.string(), z.unknown());

/** `POST /v1/tools/from-curl`: what tool a curl command would be. Nothing is run, sent or kept. */
export const curlRoutes: Route[] = [
  route({
    method: 'post',
    path: '/v1/tools/from-curl',
    summary: 'Read a curl command as a draft of a tool; nothing is run, sent or kept',
    tag: 'Tools',
    permission: 'tools.manage',
    lock: 'none',
    body: z.strictObject({
      command: z
        .string({ error: 'write a curl command' })
        .min(1)
        .max(64 * 1024),
    }),
    response: {
      status: 200,
      schema: z.object({
        tool: z.object({
          name: z.string(),
          effect: z.enum(EFFECTS),
          input_schema: config,
          handler_kind: z.string(),
          handler_config: config,
        }),
        connector: z.object({ kind: z.string(), config }),
        secrets: z
          .array(z.object({ name: z.string(), about: z.string(), host: z.string() }))
          .describe('What looked like a credential is not in the answer: write it as a secret of this name.'),
        runs: z.string().describe('What a call does, in a few words.'),
        notes: z.array(z.string()),
      }),
    },
    async handle({ body }) {
      const draft = draftOfCurl(body.command);
      return typeof draft === 'string' ? fieldProblem('command', draft) : { body: draft };
    },
  }),
];
