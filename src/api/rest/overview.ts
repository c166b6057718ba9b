import { z } from 'zod';
import { readOverview } from '../../gateway/reads/overview.ts';
import { countWaiting } from '../../governance/approvals/count.ts';
import { listKillSwitches } from '../../governance/kill-switches/read.ts';
import { killSwitchView } from '../../governance/kill-switches/schemas.ts';
import { may } from '../../identity/permissions.ts';
import { lastVerification } from '../../ledger/last-verification.ts';
import { type Route, route } from '../route.ts';
import { viewerOf, waitingSchema } from './approvals.ts';
import { ownerId } from './executions.ts';

const HOURS_MAX = 168;
const SWITCHES_SHOWN = 100;

export const overviewRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/overview',
    summary: 'What happened in the last hours, what waits, and what is stopped',
    tag: 'Workspace',
    permission: 'workspace.read',
    settled: true,
    query: z.strictObject({
      hours: z.coerce
        .number({ error: `write a number from 1 to ${HOURS_MAX}` })
        .int('write a whole number')
        .min(1, 'at least 1')
        .max(HOURS_MAX, `at most ${HOURS_MAX} (a week)`)
        .default(24),
    }),
    response: {
      status: 200,
      schema: z.object({
        from: z.string(),
        to: z.string(),
        calls: z
          .array(
            z.object({
              hour: z.iso.datetime(),
              executed: z.int(),
              held: z.int(),
              refused: z.int(),
              failed: z.int(),
              unknown: z.int(),
            }),
          )
          .describe(
            'By the hour (UTC) they came in and by what became of them. Held: waits, or ended without being made.',
          ),
        refusals: z
          .array(z.object({ step: z.string(), code: z.string(), count: z.int() }))
          .describe('Most frequent first.'),
        decisions: z.object({
          count: z.int().describe('Approvals that people granted or denied.'),
          median_ms: z.number().nullable().describe('From the request to the decision.'),
        }),
        waiting: waitingSchema,
        stopped: z.array(killSwitchView),
        chain: z
          .object({ verified_at: z.string(), verified_by: z.string(), ok: z.boolean() })
          .nullable()
          .describe('The last time somebody verified the audit log; null for those who may not read it.'),
      }),
    },
    async handle({ tx, caller, query: { hours } }) {
      const viewer = viewerOf(caller);
      const to = tx.at;
      const from = new Date(to.getTime() - hours * 3_600_000);
      const figures = await readOverview(tx, { viewer, ownerId: ownerId(caller), from, to });
      const filters = { status: 'on', limit: SWITCHES_SHOWN, uncounted: true } as const;
      const mayAudit = caller.kind === 'member' && may(caller.role, 'audit.read');
      return {
        body: {
          from: from.toISOString(),
          to: to.toISOString(),
          ...figures,
          waiting: await countWaiting(tx, viewer),
          stopped: (await listKillSwitches(tx, filters)).items,
          chain: mayAudit ? await lastVerification(tx) : null,
        },
      };
    },
  }),
];
