import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { EFFECTS, POLICIES, REFUSALS, type RefusalCode } from '../../src/kernel/codes.ts';
import { PEOPLE } from '../support/people.ts';

/**
 * Decisions as data. A case says what there is (`given`), what happens (`steps`), and what must be answered,
 * audited and recorded. Every case gets a client, a token, a tool and a grant of its own.
 */

const person = z.enum(PEOPLE);
/** Who sends a call: the case's client, another one of the workspace, one of another workspace, or nobody known. */
const sender = z.enum(['client', 'other_client', 'foreign_client', 'unknown_token', 'nobody']);
/** Which approval: the one that this case's call was held for, one of another workspace, or an id as it stands. */
const approval = z.string();
const fields = z.record(z.string(), z.unknown());

const call = z.strictObject({
  as: sender.default('client'),
  tool: z.string().default('own'),
  arguments: fields.default({ text: 'Hello' }),
  approval: approval.optional(),
  execute_on_approval: z.boolean().optional(),
  justification: z.string().optional(),
  dry_run: z.boolean().optional(),
  idempotency_key: z.string().optional(),
  run_id: z.unknown().optional(),
  on_behalf_of: z.unknown().optional(),
  /** Sent instead of everything above. */
  raw: z.string().optional(),
  content_type: z.string().optional(),
  /** So many blanks behind the body. */
  padding: z.int().optional(),
  /** Goes on with the next step before there is an answer. */
  hangs: z.boolean().default(false),
});
/** A rule of the case's grant; `own` is the case's tool. */
const rule = z.strictObject({
  name: z.string().default('The rule'),
  when: z.string().default('true'),
  policy: z.enum(POLICIES),
  requires: z.array(z.strictObject({ tool: z.string().default('own'), where: z.string() })).optional(),
});

const decide = z.strictObject({
  by: person,
  decision: z.enum(['granted', 'denied']).default('granted'),
  reason: z.string().optional(),
  approval: approval.default('held'),
  hash: z.enum(['displayed', 'other']).default('displayed'),
});

const answer = z.strictObject({
  status: z.int(),
  body: fields.default({}),
  /** A value between slashes is a regular expression. */
  headers: z.record(z.string(), z.string()).default({}),
});

const action = z.strictObject({
  call: call.optional(),
  decide: decide.optional(),
  cancel: z.strictObject({ as: sender.default('client'), approval: approval.default('held') }).optional(),
  /** A member tries the tool out. */
  test_tool: z.strictObject({ by: person }).optional(),
  read_approval: z
    .strictObject({ by: person, approval: approval.default('held'), workspace: z.string().optional() })
    .optional(),
  switch_on: z.enum(['workspace', 'tool', 'client']).optional(),
  switch_off: z.enum(['workspace', 'tool', 'client']).optional(),
  revoke: z.enum(['token', 'client', 'connector', 'grant']).optional(),
  archive: z.literal('tool').optional(),
  edit_tool: fields.optional(),
  edit_grant: z
    .strictObject({
      by: person.default('owner'),
      policy: z.enum(POLICIES).optional(),
      approvers: z.array(person).optional(),
      rules: z.array(rule).optional(),
    })
    .optional(),
  /** The client may only draft from now on. */
  draft_only: z.literal(true).optional(),
  /** What a member does with the draft of this case. */
  publish: z.strictObject({ by: person, version: z.int().optional() }).optional(),
  edit_draft: z.strictObject({ by: person, arguments: fields, version: z.int().optional() }).optional(),
  discard: z.strictObject({ by: person, reason: z.string().optional() }).optional(),
  /** An owner lifts the switch of this case for a time; or it is over. */
  break_glass: z.enum(['workspace', 'tool', 'client']).optional(),
  glass_over: z.literal(true).optional(),
  /** Grants the tool again after the grant was revoked. */
  grant_anew: z.enum(POLICIES).optional(),
  /** What runs out, by moving its end into the past. */
  runs_out: z.enum(['approval', 'token']).optional(),
  audit_inserts: z.enum(['refused', 'allowed']).optional(),
  /** Answers what hangs at the upstream. */
  release: z.literal(true).optional(),
});
const step = action.extend({ answer: answer.optional() });
export type Action = z.infer<typeof action>;
export type CaseStep = z.infer<typeof step>;
export type Expected = z.infer<typeof answer>;

const entry = z.strictObject({ event_type: z.string(), outcome: z.string(), data: fields.optional() });

const oneCase = z.strictObject({
  name: z.string(),
  /** The refusal that this case is about. */
  code: z.enum(Object.keys(REFUSALS) as RefusalCode[]).optional(),
  given: z
    .strictObject({
      client: z
        .strictObject({
          draft_only: z.boolean().optional(),
          rpm_limit: z.int().optional(),
          trusted_run_ids: z.boolean().optional(),
        })
        .default({}),
      tool: z
        .strictObject({
          effect: z.enum(EFFECTS).default('write'),
          /** A path of the stub upstream. */
          path: z.string().default('/ok'),
          timeout_ms: z.int().optional(),
          labels: z.array(z.string()).optional(),
          /** Where the tool's connector leads, instead of to the stub. */
          base_url: z.string().optional(),
        })
        .prefault({}),
      policy: z.enum([...POLICIES, 'none']).default('auto'),
      approvers: z.array(person).default([]),
      rules: z.array(rule).default([]),
      justification_required: z.boolean().default(false),
    })
    .prefault({}),
  steps: z.array(step).min(1),
  /** Every entry that whoever took the last step caused by it, in order. */
  audit: z.array(entry),
  /** The newest call of the client, as it is recorded; null when there is none. */
  execution: fields.nullable().optional(),
  /** The call that was held, as it is recorded. */
  held: fields.optional(),
  /** The state of the approval. */
  approval: z.string().optional(),
  /** How often the upstream was called in all. */
  upstream_calls: z.int(),
});
export type Case = z.infer<typeof oneCase> & { readonly file: string };

/** Reads every case file of this folder. An unknown key is an error: it would be an expectation nobody checks. */
export function readCases(): Case[] {
  const folder = new URL('./', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const parsed = z.array(oneCase).safeParse(parse(readFileSync(new URL(file, folder), 'utf8')));
      if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
      return parsed.data.map((one) => ({ ...one, file }));
    });
}
