import { z } from 'zod';
import { EFFECTS } from '../../kernel/codes.ts';
import { DOORS } from '../../kernel/doors.ts';
import { filters, oneOf } from '../../kernel/filters.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { DRAFT_STATUSES } from '../../kernel/statuses.ts';
import { prose } from '../../kernel/text.ts';

export const listDraftsQuery = z.strictObject({
  ...pageQuery('drf'),
  ...searched,
  status: oneOf(DRAFT_STATUSES).optional(),
  tool: filters.tool,
  client: z.string().max(64).optional().describe('The id of the client that drafted.'),
});
export type ListDraftsQuery = z.infer<typeof listDraftsQuery>;

export const editDraftInput = z.strictObject({
  arguments: z.record(z.string(), z.unknown(), { error: "write the tool's arguments as a JSON object" }),
});
export const discardQuery = z.strictObject({ reason: prose(500).optional() });

export const draftView = z.object({
  id: z.string(),
  version: z.int(),
  status: z.enum(DRAFT_STATUSES),
  client: z.object({ id: z.string(), name: z.string() }),
  tool: z.object({ id: z.string(), name: z.string(), effect: z.enum(EFFECTS) }),
  summary: z.string().describe("What it would do, in one line of an agent's text."),
  suspicious: z.boolean(),
  justification: z.string().nullable().describe('What the agent wrote for people. Nobody has checked it.'),
  run_id: z.string().nullable(),
  on_behalf_of: z.string().nullable(),
  run_labels: z.array(z.string()).describe('What labels the run had when it was drafted; rules see those.'),
  via: z.enum(Object.keys(DOORS) as [keyof typeof DOORS]),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().describe('When it is removed if nobody has published it.'),
  edited_by: z.string().nullable(),
  edited_at: z.iso.datetime().nullable(),
  ended_by: z.string().nullable().describe('Who published or discarded it.'),
  ended_at: z.iso.datetime().nullable(),
  end_reason: z.string().nullable(),
  execution_id: z.string().nullable().describe('The call that publishing made.'),
});
export type DraftView = z.infer<typeof draftView>;

/** One draft in full. */
export const draftDetail = draftView.extend({
  arguments: z.record(z.string(), z.unknown()),
  input_schema: z.unknown(),
  sentence: z.string().nullable().describe('What it would do outside, in words.'),
});
export type DraftDetail = z.infer<typeof draftDetail>;
