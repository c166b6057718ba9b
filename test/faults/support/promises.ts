import { expect } from 'vitest';
import type { Journal } from './load.ts';
import type { Truth } from './truth.ts';
import type { Upstream } from './upstream.ts';

/**
 * Holds what is recorded against what callers were told and what arrived outside. Every promise of the product
 * about faults is one line here.
 */
export function expectPromisesKept(truth: Truth, journal: Journal, upstream: Upstream): void {
  const { calls, approvals, events } = truth;
  const broken: string[] = [];
  const eventCounts = new Map<string, number>();
  for (const { type, resource } of events) {
    eventCounts.set(`${type} ${resource}`, (eventCounts.get(`${type} ${resource}`) ?? 0) + 1);
  }
  const times = (type: string, resource: string): number => eventCounts.get(`${type} ${resource}`) ?? 0;

  for (const [id, op] of journal.executed) {
    const status = calls.get(id)?.status;
    if (status !== 'executed') broken.push(`${id} was acknowledged as executed and is ${status}`);
    if (upstream.effects.get(op) !== 1)
      broken.push(`${op} was acknowledged and done ${upstream.effects.get(op)} times`);
  }
  for (const id of journal.granted) {
    const approval = approvals.get(id);
    if (approval?.granted !== 1) broken.push(`the decision on ${id} was acknowledged and is not there`);
    if (times('approval.granted', id) !== 1) broken.push(`the decision on ${id} is not in the chain once`);
    if (!['approved', 'consumed'].includes(approval?.status ?? ''))
      broken.push(`${id} was granted and is ${approval?.status}`);
  }
  for (const [id, arrived] of upstream.arrivals) {
    // Other workspaces use the same outside world.
    const call = calls.get(id);
    if (call === undefined) continue;
    if (arrived !== 1) broken.push(`${id} arrived ${arrived} times`);
    if (!call.started) broken.push(`${id} arrived and its intent is not recorded`);
    if (!['executed', 'failed', 'unknown'].includes(call.status)) broken.push(`${id} arrived and is ${call.status}`);
  }
  for (const [op, count] of upstream.effects) if (count !== 1) broken.push(`${op} was done ${count} times`);
  for (const [op, code] of journal.refused) {
    const done = upstream.effects.get(op) ?? 0;
    // These two say that something was, or may have been, done.
    if (!['outcome_unknown', 'approval_consumed'].includes(code) && done > 0)
      broken.push(`${op} was refused with ${code} and done all the same`);
  }
  for (const [id, { status, started, finished }] of calls) {
    if (status === 'running') broken.push(`${id} was started and is neither settled nor unknown`);
    if (status === 'executed' && !upstream.arrivals.has(id)) broken.push(`${id} is executed and never arrived`);
    if (started && times('execution.started', id) !== 1) broken.push(`${id} has no execution.started in the chain`);
    if (started && finished && times(`execution.${status}`, id) !== 1) {
      broken.push(`${id} has ${times(`execution.${status}`, id)} execution.${status} in the chain`);
    }
  }
  expect(broken).toEqual([]);
  expect(truth.chain).toMatchObject({ ok: true, checked: events.length });
}

/** How many recorded calls have which status: a test says with it that its fault really happened. */
export function countByStatus({ calls }: Truth): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of calls.values()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
