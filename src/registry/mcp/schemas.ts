import { z } from 'zod';
import { EFFECTS } from '../../kernel/codes.ts';
import { toolName, toolView } from '../tools/schemas.ts';

const pin = z.string().regex(/^[0-9a-f]{64}$/, 'copy the pin from what was discovered');
const effect = z.enum(EFFECTS, { error: `write one of ${EFFECTS.join(', ')}` });

export const acceptInput = z
  .strictObject({
    tools: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(2048).describe('What the server calls it.'),
          pin,
          effect: effect.optional().describe('Needed for a tool that is new; left out, a known one keeps its own.'),
          as: toolName.optional().describe('What it is to be called here.'),
        }),
      )
      .max(500, 'at most 500 tools at a time')
      .default([]),
    prompts: pin.optional(),
    resources: pin.optional(),
  })
  .refine(({ tools }) => new Set(tools.map(({ name }) => name)).size === tools.length, {
    error: 'name each tool once',
    path: ['tools'],
  })
  .refine(({ tools, prompts, resources }) => tools.length > 0 || prompts !== undefined || resources !== undefined, {
    error: 'choose at least one tool, the prompts or the resources',
    path: ['tools'],
  });
export type AcceptInput = z.infer<typeof acceptInput>;

const json = z.record(z.string(), z.unknown());
const state = z
  .enum(['new', 'accepted', 'changed', 'unusable'])
  .describe('Whether it has been accepted, and whether the server says something else of it by now.');

const offeredTool = z.object({
  name: z.string(),
  title: z.string().nullable(),
  description: z.string(),
  input_schema: json,
  output_schema: json.nullable(),
  annotations: json.nullable(),
  pin: z.string().describe('The hash over all of it.'),
  state,
  because: z.string().nullable().describe('Why it cannot be used.'),
  suspicious: z.boolean().describe('Whether its texts have characters that hide, or pass for others.'),
  proposed_name: z.string(),
  proposed_effect: effect.describe("Guessed from what the server says and from the name: a person's to judge."),
  tool: z.object({ id: z.string(), name: z.string(), quarantined_at: z.iso.datetime().nullable() }).nullable(),
});
export type OfferedTool = z.infer<typeof offeredTool>;

const offeredContext = z.object({
  pin: z.string(),
  state,
  items: z.array(json),
  tool: z.object({ id: z.string(), name: z.string(), quarantined_at: z.iso.datetime().nullable() }).nullable(),
  left_out: z.array(z.string()).describe('What is not among the items, and why.'),
});
export type OfferedContext = z.infer<typeof offeredContext>;

export const offerView = z.object({
  server: z.object({ name: z.string(), version: z.string(), protocol: z.string() }),
  tools: z.array(offeredTool),
  prompts: offeredContext.nullable(),
  resources: offeredContext.nullable(),
  gone: z
    .array(z.object({ id: z.string(), name: z.string(), remote_name: z.string() }))
    .describe('Tools that were accepted, and that the server does not have any more.'),
  unusable: z.int().describe('Items that have no acceptable name, are too large, or hold a secret that was sent.'),
});
export type OfferView = z.infer<typeof offerView>;

export const acceptedView = z.object({ tools: z.array(toolView) });
export type AcceptedView = z.infer<typeof acceptedView>;

export const driftView = z.object({
  quarantined_at: z.iso.datetime().nullable(),
  accepted: json.describe('What was accepted.'),
  pin: z.string(),
  seen: json.nullable().describe('What the server says now; null where that is the same, or where it has it no more.'),
  seen_pin: z.string().nullable(),
  seen_at: z.iso.datetime().nullable(),
});
export type DriftView = z.infer<typeof driftView>;

export const acceptDriftInput = z.strictObject({ pin });
