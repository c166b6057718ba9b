import { sql, type Updateable } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { aboutCall } from '../../kernel/call-summary.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { canonicalize } from '../../kernel/jcs.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { audit } from '../../ledger/audit.ts';
import type { Tables } from '../../store/tables.ts';
import { findDraft } from './read.ts';
import type { DraftView } from './schemas.ts';

type Which = { readonly id: string; readonly ifVersion: number | undefined };

const MOVED = problem('version_mismatch', 'The draft was edited meanwhile. Read it again, then go on.');

/** Writes other arguments into an open draft. The entry has their hashes: what they say is no matter of the log. */
export async function editDraft(
  { tx, actor }: Verb,
  { id, ifVersion, args }: Which & { readonly args: JsonObject },
): Promise<DraftView | Problem> {
  const before = await findDraft(tx, id);
  if (before === undefined) return problem('not_found');
  const tool = await tx.db
    .selectFrom('tools')
    .select(['name', 'effect', 'input_schema'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', before.tool.id)
    .executeTakeFirstOrThrow();
  const schema = compileSchema(tool.input_schema);
  if (!schema.ok) return problem('conflict', 'The tool has a schema that is no longer accepted. Edit the tool first.');
  const checked = schema.validate(args);
  if (!checked.ok) {
    const errors = checked.errors.map(({ path, message }) => ({ field: `arguments${path.slice(1)}`, message }));
    return problem('invalid_request', undefined, errors);
  }
  const text = canonicalize(args);
  const about = aboutCall(tool, schema.annotations(), args, before.justification ?? '');
  const set = { arguments: text, ...about, edited_by: actor.id, edited_at: tx.at };
  const refused = await moveOpen({ tx, actor }, before, ifVersion, set);
  if (refused !== undefined) return refused;
  await audit(tx, {
    event_type: 'draft.edited',
    actor,
    resource: { kind: 'draft', id },
    outcome: 'edited',
    before_state: { arguments_sha256: sha256Hex(before.argumentsText) },
    after_state: { arguments_sha256: sha256Hex(text) },
    data: { draft_id: id, tool: before.tool.name },
  });
  return (await findDraft(tx, id))!;
}

/** Ends an open draft without a call. */
export async function discardDraft(
  { tx, actor }: Verb,
  { id, ifVersion, reason }: Which & { readonly reason: string | undefined },
): Promise<undefined | Problem> {
  const before = await findDraft(tx, id);
  if (before === undefined) return problem('not_found');
  const refused = await moveOpen({ tx, actor }, before, ifVersion, {
    status: 'discarded',
    ended_by: actor.id,
    ended_at: tx.at,
    end_reason: reason ?? null,
  });
  if (refused !== undefined) return refused;
  await audit(tx, {
    event_type: 'draft.discarded',
    actor,
    resource: { kind: 'draft', id },
    outcome: 'discarded',
    data: { draft_id: id, tool: before.tool.name, ...(reason !== undefined && { reason }) },
  });
  return undefined;
}

/** The one conditional write: an open draft, as it was seen. */
async function moveOpen(
  { tx }: Verb,
  { id, status, version }: DraftView,
  ifVersion: number | undefined,
  set: Updateable<Tables['drafts']>,
): Promise<Problem | undefined> {
  if (status !== 'open') return problem('conflict', `The draft has been ${status} already.`);
  const { numUpdatedRows } = await tx.db
    .updateTable('drafts')
    .set({ ...set, version: sql`version + 1` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where('version', '=', ifVersion ?? version)
    .executeTakeFirst();
  return numUpdatedRows === 0n ? MOVED : undefined;
}
