import type { Policy } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import type { CommonColumns, Write } from '../../store/flush/rows.ts';
import type { Answer, Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { aboutOf, runKeys } from '../facts/run-of.ts';
import { commonOf, type Event, eventRow } from './events.ts';
import { callOf, groundsOf, inRun, loud, requiresOf, saidOf } from './every-write.ts';

/** The call is stored for a member to publish. */
export function draftWrite(
  call: Call,
  facts: Facts,
  at: Date,
): { readonly write: Write; readonly answer: Answer & { kind: 'draft' } } {
  const draftId = newId('drf');
  const { name, effect } = facts.tool!;
  const created: Event = {
    event_type: 'draft.created',
    resource: { kind: 'draft', id: draftId },
    outcome: 'created',
    data: { draft_id: draftId, tool: name, effect, via: call.via, ...inRun(aboutOf(call, facts)), ...loud(facts) },
  };
  const common: CommonColumns = {
    ...commonOf(facts, created),
    ...callOf(call, facts, null),
    records: 'draft',
    timeout_ms: null,
  };
  const write: Write = {
    tenantId: facts.tenantId,
    events: [
      eventRow(call, facts, at, created, common, { body: call.argumentsCanonical, about: aboutOf(call, facts) }),
    ],
    // The same request again finds the draft by its key.
    requires: requiresOf(call, facts, draftId, {
      draft: { id: draftId },
      said: { ...saidOf(call, facts), justification: call.justification ?? null },
      run: { read: runKeys(call, facts).read },
    }),
  };
  return { write, answer: { kind: 'draft', draftId, status: 'open' } };
}

/** A draft is published by the call that this is about. */
export function publishedEvent(call: Call, facts: Facts, executionId: string, policy: Policy, at: Date) {
  if (call.draft === undefined) return [];
  const { id } = call.draft;
  const published: Event = {
    event_type: 'draft.published',
    resource: { kind: 'draft', id },
    outcome: 'published',
    data: { draft_id: id, execution_id: executionId, tool: facts.tool!.name, policy },
  };
  const common: CommonColumns = { ...commonOf(facts, published), ...groundsOf(call, facts), records: 'nothing' };
  return [eventRow(call, facts, at, published, common)];
}
