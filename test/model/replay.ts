import { expect } from 'vitest';
import type { Entry } from '../support/workbench.ts';
import type { HeldPolicy, Status } from './reference.ts';

/**
 * Reads an audit chain as a sequence of transitions and holds each against what the entries before it allow.
 * When many act at once nobody can say beforehand what will happen, but the ledger says what did, in order.
 */

type Requested = {
  readonly policy: HeldPolicy;
  readonly definition: string;
  readonly excluded: readonly string[];
  readonly executionId: string;
  status: Status;
  readonly voters: string[];
  started: number;
};

export type Start = {
  readonly definition: string;
  readonly policy: HeldPolicy;
  readonly editor: string;
  /** The owner of the client. */
  readonly owner: string;
  /** Who decides whatever grant it is, and whom the grant names. */
  readonly admins: readonly string[];
  readonly approvers: readonly string[];
};

/** Replays the entries of one client with one token. Throws at the first that should not be there. */
export function replay(entries: readonly Entry[], start: Start): Map<string, Requested> {
  const approvals = new Map<string, Requested>();
  const switchesOn = new Set<string>();
  let tokenRevoked = false;
  let isGranted = true;
  let { definition, policy, editor, approvers } = start;

  const nothingStops = (entry: Entry): void => {
    expect([...switchesOn], `switches on at ${JSON.stringify(entry)}`).toEqual([]);
    expect(tokenRevoked, `token revoked at ${JSON.stringify(entry)}`).toBe(false);
    expect(isGranted, `granted at ${JSON.stringify(entry)}`).toBe(true);
  };
  const open = (entry: Entry, ...from: Status[]): Requested => {
    const approval = approvals.get(entry.resource.id)!;
    expect(from, `${approval.status} before ${JSON.stringify(entry)}`).toContain(approval.status);
    return approval;
  };

  const on: Record<string, (entry: Entry) => void> = {
    'kill_switch.flipped': ({ resource }) => switchesOn.add(resource.id),
    'kill_switch.lifted': ({ resource }) => switchesOn.delete(resource.id),
    'token.revoked': () => {
      tokenRevoked = true;
    },
    'tool.updated': ({ after_state }) => {
      definition = after_state.definition_sha256;
    },
    'policy.updated': ({ after_state }) => {
      isGranted = after_state !== null;
      if (!isGranted) return;
      policy = after_state.policy;
      editor = after_state.updated_by;
      approvers = after_state.approver_user_ids;
    },
    'approval.requested': (entry) => {
      nothingStops(entry);
      expect(entry.data.policy).toBe(policy);
      approvals.set(entry.resource.id, {
        policy,
        definition,
        excluded: policy === 'approve-dual' ? [start.owner, editor] : [],
        executionId: entry.data.execution_id,
        status: 'pending',
        voters: [],
        started: 0,
      });
    },
    'approval.granted': (entry) => {
      const approval = open(entry, 'pending');
      const excluded = [...approval.excluded, ...(approval.policy === 'approve-dual' ? [editor] : [])];
      expect([...excluded, ...approval.voters]).not.toContain(entry.actor.id);
      expect([...start.admins, ...approvers], JSON.stringify(entry)).toContain(entry.actor.id);
      approval.voters.push(entry.actor.id);
      const counted = approval.voters.filter(
        (voter) => !excluded.includes(voter) && [...start.admins, ...approvers].includes(voter),
      );
      if (counted.length >= (approval.policy === 'approve-dual' ? 2 : 1)) approval.status = 'approved';
      expect(entry.outcome).toBe(approval.status);
    },
    'approval.denied': (entry) => {
      const approval = open(entry, 'pending');
      expect([...approval.excluded, ...approval.voters]).not.toContain(entry.actor.id);
      approval.status = 'denied';
    },
    'approval.cancelled': (entry) => {
      // An approved one ends so when the gateway is refused as it makes the call.
      open(entry, 'pending', 'approved').status = 'cancelled';
    },
    'approval.expired': (entry) => {
      open(entry, 'pending', 'approved').status = 'expired';
    },
    'approval.consumed': (entry) => {
      const approval = open(entry, 'approved');
      nothingStops(entry);
      expect({ definition, policy }).toEqual({ definition: approval.definition, policy: approval.policy });
      approval.status = 'consumed';
    },
    'execution.started': (entry) => {
      const approval = [...approvals.values()].find(({ executionId }) => executionId === entry.resource.id)!;
      expect(approval.status).toBe('consumed');
      approval.started += 1;
      expect(approval.started).toBe(1);
    },
  };
  for (const entry of entries) on[entry.event_type]?.(entry);
  return approvals;
}
