import { z } from 'zod';
import { isId } from '../../kernel/ids.ts';
import { isRunId, NO_RUN_ID, RUN_ID } from '../../kernel/runs.ts';
import { line } from '../../kernel/text.ts';

const runId = z.string().refine(isRunId, { error: NO_RUN_ID }).meta({ pattern: RUN_ID });

/** A run of a client that has labels: one with a name, or what one of its tokens does. */
export const runLabelsView = z.object({
  run_id: z.string().nullable().describe('The name of the run; null for what the token does, whichever run it names.'),
  token_id: z.string().nullable().describe('The token whose open run this is; null for a run with a name.'),
  labels: z.array(z.string()),
  labelled_at: z.iso.datetime().describe('When one was put on last.'),
  ends_at: z.iso.datetime().describe('When they end, unless another is put on before.'),
});
export type RunLabelsView = z.infer<typeof runLabelsView>;

export const runLabelsQuery = z.strictObject({ run_id: runId.optional() });
export type RunLabelsQuery = z.infer<typeof runLabelsQuery>;

/** Which labels are taken off: those of one run, of one token's open run, or all of the client. */
export const clearLabelsInput = z
  .strictObject({
    run_id: runId.optional(),
    token_id: z
      .string()
      .refine((id): boolean => isId('tok', id), { error: "write a token's id, tok_…" })
      .optional(),
    reason: line(500),
  })
  .refine(({ run_id, token_id }) => run_id === undefined || token_id === undefined, {
    error: 'write either run_id or token_id, or neither for every run of the client',
    path: ['token_id'],
  });
export type ClearLabelsInput = z.infer<typeof clearLabelsInput>;

/** How many are listed at most, those first that were labelled last. */
export const LISTED_MAX = 100;
