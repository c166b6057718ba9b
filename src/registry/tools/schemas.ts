import { z } from 'zod';
import { EFFECTS } from '../../kernel/codes.ts';
import { oneOf } from '../../kernel/filters.ts';
import { isId } from '../../kernel/ids.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { LABEL, TOOL_LABELS_MAX } from '../../kernel/runs.ts';
import { TOOL_STATUSES } from '../../kernel/statuses.ts';
import { prose } from '../../kernel/text.ts';
import { KIND_NAMES } from '../../upstream/shapes.ts';

export const toolName = z
  .string({ error: 'write a name such as email.send' })
  .max(64, 'at most 64 characters')
  .regex(
    /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/,
    'use lower-case letters, digits and _, in parts joined by dots, such as email.send',
  );
const description = prose(2000);
const effect = z.enum(EFFECTS, { error: `write one of ${EFFECTS.join(', ')}` });
const inputSchema = z.record(z.string(), z.unknown(), { error: 'write a JSON Schema object with "type": "object"' });
const connectorId = z.string().refine((id): boolean => isId('con', id), { error: "write a connector's id, con_…" });
const handlerKind = z.enum(KIND_NAMES, { error: `this version has the kinds ${KIND_NAMES.join(', ')}` });
const config = z.record(z.string(), z.unknown(), { error: 'write an object' });

export const label = z
  .string({ error: 'write a word such as untrusted' })
  .regex(new RegExp(LABEL), 'use up to 32 lower-case letters, digits, - and _, a letter first, such as untrusted');
const labels = z
  .array(label, { error: 'write a list of words' })
  .max(TOOL_LABELS_MAX, `at most ${TOOL_LABELS_MAX} labels`)
  .refine((words) => new Set(words).size === words.length, { error: 'name each label once' });

export const createToolInput = z.strictObject({
  name: toolName,
  description: description.default(''),
  effect,
  input_schema: inputSchema,
  connector_id: connectorId.nullable().default(null),
  handler_kind: handlerKind,
  handler_config: config.default({}),
  labels: labels.default([]),
});
export type CreateToolInput = z.infer<typeof createToolInput>;

export const updateToolInput = z.strictObject({
  name: toolName.optional(),
  description: description.optional(),
  effect: effect.optional(),
  input_schema: inputSchema.optional(),
  connector_id: connectorId.nullable().optional(),
  handler_kind: handlerKind.optional(),
  handler_config: config.optional(),
  labels: labels.optional(),
});
export type UpdateToolInput = z.infer<typeof updateToolInput>;

export const listToolsQuery = z.strictObject({
  ...pageQuery('tool'),
  ...searched,
  status: oneOf(TOOL_STATUSES).optional(),
  connector: connectorId.optional(),
});
export type ListToolsQuery = z.infer<typeof listToolsQuery>;

export const toolView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  effect,
  input_schema: z.record(z.string(), z.unknown()),
  connector_id: z.string().nullable(),
  handler_kind: z.string(),
  handler_config: z.record(z.string(), z.unknown()),
  runs: z.string().describe('What a call does, in a few words.'),
  definition_sha256: z
    .string()
    .describe('What approvals are pinned to: moves with everything but the description and the labels.'),
  labels: z.array(z.string()).describe('What its results put on the run that reads them; no part of the definition.'),
  status: z.enum(TOOL_STATUSES),
  quarantined_at: z.iso
    .datetime()
    .nullable()
    .describe('Since when nobody can call it, because its MCP server says of it what nobody has accepted.'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  version: z.int(),
});
export type ToolView = z.infer<typeof toolView>;
