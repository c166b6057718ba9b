import { LRUCache } from 'lru-cache';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { runKeys } from '../facts/run-of.ts';

const RUNS_MAX = 20_000;
/** As gateway_enter.sql has it: what was put on this short a time ago need not be put on again. */
const FRESH_MS = 60_000;

/**
 * Which labels this process has put on runs lately, so that every further call of a run that has them is recorded as
 * quickly as one without labels. They are known to be there only while the facts stand: whoever takes labels off moves the
 * facts' version, which every write is held against.
 */
export class Labelled {
  readonly #put = new LRUCache<string, { readonly version: number; readonly labels: ReadonlySet<string> }>({
    max: RUNS_MAX,
    ttl: FRESH_MS,
  });

  /** Whether the call's results put labels on the run that may not be there yet. */
  isNeeded(call: Call, facts: Facts): boolean {
    const { labels } = facts.tool!;
    if (labels.length === 0) return false;
    const known = this.#put.get(keyOf(call, facts));
    return known?.version !== facts.version || labels.some((label) => !known.labels.has(label));
  }

  /** They are there now. */
  note(call: Call, facts: Facts): void {
    const key = keyOf(call, facts);
    const known = this.#put.get(key);
    const before = known?.version === facts.version ? known.labels : [];
    this.#put.set(key, { version: facts.version, labels: new Set([...before, ...facts.tool!.labels]) });
  }
}

function keyOf(call: Call, facts: Facts): string {
  return `${facts.tenantId} ${facts.principal.id} ${runKeys(call, facts).write.join(' ')}`;
}
