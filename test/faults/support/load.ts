import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../../support/gate.ts';
import { type Ask, call, type Operation, type Seen } from './caller.ts';
import type { World } from './world.ts';

/** What callers were told: the product may not go back on any of it. */
export type Journal = {
  /** Executions that were acknowledged as executed, and the operation that was asked for. */
  readonly executed: Map<string, string>;
  /** Operations refused, with the code. */
  readonly refused: Map<string, string>;
  /** Operations without an answer yet: the same request may be made again. */
  readonly lost: Map<string, { readonly operation: Operation; readonly ask: Ask }>;
  /** Approvals whose decision was acknowledged. */
  readonly granted: Set<string>;
  /** Answers, of every kind. */
  answered: number;
};

export function newJournal(): Journal {
  return { executed: new Map(), refused: new Map(), lost: new Map(), granted: new Set(), answered: 0 };
}

/** Writes down what a caller saw. */
export function note(journal: Journal, operation: Operation, ask: Ask, seen: Seen): void {
  const { op } = operation;
  if (seen.kind === 'lost' || (seen.kind === 'refused' && seen.code === 'idempotency_in_progress')) {
    // Without a key or an approval it would be another call, and might be done twice.
    if (ask.key !== undefined || ask.approvalId !== undefined) journal.lost.set(op, { operation, ask });
    return;
  }
  journal.answered += 1;
  journal.lost.delete(op);
  if (seen.kind === 'executed') journal.executed.set(seen.reply.body.execution_id, op);
  if (seen.kind === 'refused') journal.refused.set(op, seen.code);
}

export type Load = {
  /** Calls that wait for their answer at this moment. */
  readonly inFlight: number;
  /** Tells every caller to make no further call. */
  stop(): void;
  /** Resolves when the last caller has its answer, or has lost its node. Rejects with the first fault. */
  readonly done: Promise<void>;
};

export type LoadOptions = {
  readonly world: World;
  readonly journal: Journal;
  readonly callers: number;
  /** How many of them go through approvals, whose owner is signed in with these headers. */
  readonly approving?: { readonly callers: number; readonly owner: Readonly<Record<string, string>> };
  /** A caller that loses its node goes on calling; otherwise it gives up. */
  readonly persistent?: boolean;
};

const AFTER_REFUSAL_MS = 25;

let operations = 0;

/** A name for something to be done outside, never used before. */
export function newOp(): string {
  operations += 1;
  return `op-${operations}`;
}

/** Starts callers that make one call after the other; two of three give each an Idempotency-Key of its own. */
export function startLoad(url: string, { world, journal, callers, approving, persistent }: LoadOptions): Load {
  let inFlight = 0;
  let stopped = false;

  const counted = async <T>(work: Promise<T>): Promise<T> => {
    inFlight += 1;
    try {
      return await work;
    } finally {
      inFlight -= 1;
    }
  };
  const make = async (operation: Operation, ask: Ask): Promise<Seen> => {
    const seen = await counted(call(url, world, operation, ask));
    note(journal, operation, ask, seen);
    return seen;
  };
  const plainly = async (nth: number): Promise<Seen> => {
    const op = newOp();
    const tool = nth % 2 === 0 ? 'effect.keyed' : 'effect.plain';
    return make({ op, tool }, nth % 3 === 0 ? {} : { key: op });
  };

  /** Asks, has the owner grant it, and calls with the approval; or leaves that to the gateway. */
  const approved = async (nth: number): Promise<Seen> => {
    const operation = { op: newOp(), tool: 'effect.approved' };
    const executeOnApproval = nth % 2 === 0;
    const held = await make(operation, { key: operation.op, executeOnApproval });
    if (held.kind !== 'pending') return held;
    const { approval_id: approvalId, payload_sha256 } = held.reply.body;
    const decided = await counted(grant(url, approving!.owner, approvalId, payload_sha256));
    if (decided === 'lost') return { kind: 'lost' };
    if (decided) journal.granted.add(approvalId);
    return executeOnApproval || !decided ? held : make(operation, { approvalId });
  };

  const caller = async (nth: number): Promise<void> => {
    const work = nth < (approving?.callers ?? 0) ? approved : plainly;
    while (!stopped) {
      const { kind } = await work(nth);
      if (kind === 'lost' && !persistent) return;
      // Whoever is refused thinks for a moment, as clients do.
      if (kind === 'lost' || kind === 'refused') await delay(AFTER_REFUSAL_MS);
    }
  };
  const done = Promise.all(Array.from({ length: callers }, (_, nth) => caller(nth))).then(() => {});
  done.catch(() => {
    stopped = true;
  });
  return {
    get inFlight() {
      return inFlight;
    },
    stop() {
      stopped = true;
    },
    done,
  };
}

async function grant(
  url: string,
  owner: Readonly<Record<string, string>>,
  approvalId: string,
  payload_sha256: string,
): Promise<boolean | 'lost'> {
  const path = `/v1/approvals/${approvalId}/decisions`;
  try {
    const reply = await send(url, owner)('POST', path, { decision: 'granted', payload_sha256 });
    return reply.status === 200;
  } catch {
    return 'lost';
  }
}
