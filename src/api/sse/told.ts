import { visibleAmong } from '../../governance/approvals/visible.ts';
import { may } from '../../identity/permissions.ts';
import type { StoredLink } from '../../ledger/read.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Caller } from '../route.ts';

type Member = Extract<Caller, { kind: 'member' }>;

/** Whether this person reads the audit log itself, so that the stream has nothing to hide from them. */
export function readsAudit({ role }: Member): boolean {
  return may(role, 'audit.read');
}

/**
 * What of these links a live stream tells a person, as server-sent events: to those who may read the audit log every
 * one, to others what their lists show them: approvals they asked for or a grant lets them decide, what they did
 * themselves, and kill switches. Those hear of nobody's address or sign-in.
 */
export async function toldOf(tx: TenantTx, member: Member, page: readonly StoredLink[]): Promise<string> {
  if (readsAudit(member)) return page.map((row) => eventText(row, entryOf(row))).join('');
  const approvals = page.filter(isOfApproval).map(({ resource_id }) => resource_id);
  const visible = await visibleAmong(tx, { kind: 'member', userId: member.userId, role: member.role }, approvals);
  return page
    .filter((row) => {
      if (isOfApproval(row)) return visible.has(row.resource_id);
      return row.event_type.startsWith('kill_switch.') || row.actor_id === member.userId;
    })
    .map((row) => eventText(row, withoutTraces(entryOf(row))))
    .join('');
}

function isOfApproval({ event_type }: StoredLink): boolean {
  return event_type.startsWith('approval.');
}

type Entry = Readonly<Record<string, unknown>>;

function entryOf(row: StoredLink): Entry {
  const { before_state: _before, after_state: _after, ...entry } = JSON.parse(row.entry) as Record<string, unknown>;
  return entry;
}

function withoutTraces({ request_id: _request, trace_id: _trace, actor, ...rest }: Entry): Entry {
  const { kind, id } = actor as { kind: string; id: string };
  return { ...rest, actor: { kind, id } };
}

function eventText(row: StoredLink, entry: Entry): string {
  return `id: ${row.seq}\nevent: ${row.event_type}\ndata: ${JSON.stringify({ seq: Number(row.seq), ...entry })}\n\n`;
}
