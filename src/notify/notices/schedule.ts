import type { NoticeStage } from '../../kernel/statuses.ts';

/** Reminders come at half and at nine tenths of the time that an approval has. */
const HALF = 0.5;
const LATE = 0.9;

/** What is told of an approval now, and when the next notice of it is due; null when there is none. */
export function stageAt(
  createdAt: Date,
  expiresAt: Date,
  at: Date,
): { readonly stage: NoticeStage; readonly next: Date | null } {
  const [from, until] = [createdAt.getTime(), expiresAt.getTime()];
  const share = (at.getTime() - from) / (until - from);
  const when = (part: number): Date => new Date(from + (until - from) * part);
  if (share >= LATE) return { stage: 'late', next: null };
  return share >= HALF ? { stage: 'half', next: when(LATE) } : { stage: 'asked', next: when(HALF) };
}
