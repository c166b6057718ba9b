import { z } from 'zod';
import { oneOf } from '../../kernel/filters.ts';
import { isId } from '../../kernel/ids.ts';
import { pageQuery } from '../../kernel/page.ts';
import { SWITCH_STATUSES } from '../../kernel/statuses.ts';
import { line } from '../../kernel/text.ts';
import type { KillScope } from '../../store/tables.ts';

const SCOPES = ['workspace', 'tool', 'agent', 'client'] as const satisfies readonly KillScope[];
const PREFIXES = { tool: 'tool', agent: 'agt', client: 'icl' } as const;

const scope = z.enum(SCOPES, { error: `write one of ${SCOPES.join(', ')}` });
const reason = line(500);

type Aim = { scope: KillScope; id?: string | undefined };

/** A switch on the workspace has no id; every other one names what it stops, by an id of that kind. */
function fits({ scope: aimed, id }: Aim): boolean {
  return aimed === 'workspace' ? id === undefined : isId(PREFIXES[aimed], id);
}
const unfit = {
  error: 'write the id of the tool (tool_…), agent (agt_…) or client (icl_…) to stop; for the workspace leave it out',
  path: ['id'],
};

export const flipInput = z.strictObject({ scope, id: z.string().optional(), reason }).refine(fits, unfit);
export type FlipInput = z.infer<typeof flipInput>;

const GLASS_MAX_MINUTES = 240;
/** An owner lifts one switch for so many minutes. */
export const breakGlassInput = z.strictObject({
  minutes: z
    .int({ error: 'write a whole number of minutes' })
    .min(1, 'at least 1')
    .max(GLASS_MAX_MINUTES, `at most ${GLASS_MAX_MINUTES}`),
  reason,
});
export type BreakGlassInput = z.infer<typeof breakGlassInput>;

export const liftQuery = z.strictObject({ reason: reason.optional() });
export const previewQuery = z.strictObject({ scope, id: z.string().optional() }).refine(fits, unfit);
export type PreviewInput = z.infer<typeof previewQuery>;

export const listSwitchesQuery = z.strictObject({
  ...pageQuery('kil'),
  status: oneOf(SWITCH_STATUSES).optional(),
});
export type ListSwitchesQuery = z.infer<typeof listSwitchesQuery>;

export const killSwitchView = z.object({
  id: z.string(),
  scope,
  target_id: z.string().nullable(),
  status: z.enum(SWITCH_STATUSES),
  reason: z.string(),
  flipped_by: z.string(),
  flipped_at: z.iso.datetime(),
  lifted_by: z.string().nullable(),
  lifted_at: z.iso.datetime().nullable(),
  lift_reason: z.string().nullable(),
  break_glass: z
    .object({ until: z.iso.datetime(), by: z.string(), reason: z.string() })
    .nullable()
    .describe('Until when an owner lets calls pass although it is on; null while it stops them.'),
});
export type KillSwitchView = z.infer<typeof killSwitchView>;

export const previewView = z.object({
  scope,
  target_id: z.string().nullable(),
  clients: z.int().describe('Active clients that could call something now and could not then.'),
  grants: z.int(),
  open_approvals: z.int().describe('Approvals, pending or approved, that could not be executed.'),
  already_on: z.boolean(),
});
export type PreviewView = z.infer<typeof previewView>;
