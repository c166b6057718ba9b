import type { PersonName } from '../support/people.ts';

/**
 * The approval state machine as a reader of the contracts would write it down: no database, no time but a flag,
 * nobody else at work. The tests hold the gate against it.
 */

export type Status = 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled' | 'consumed';
export type HeldPolicy = 'approve' | 'approve-dual';
export type Scope = 'workspace' | 'tool' | 'client';
export type Sender = 'own' | 'other';
export type Role = 'owner' | 'admin' | 'member' | 'viewer';
/** Whom the grant may name as approvers here. */
export type Approver = 'member' | 'second_admin';

/** One approval, with what it was asked for under. */
export type ModelApproval = {
  readonly policy: HeldPolicy;
  readonly definition: number;
  readonly token: number;
  /** The grant it was asked for under: the how manieth of its client. */
  readonly grant: number;
  /** Whoever asked for it or chose its policy, as it was when it was asked for. */
  readonly excluded: ReadonlySet<PersonName>;
  readonly executeOnApproval: boolean;
  status: Status;
  /** Its time is over; whether a sweep has written that down yet is in `status`. */
  timeOver: boolean;
  /** The gateway was refused when it made the call by itself. */
  wasRefused: boolean;
  readonly voters: PersonName[];
  /** Its audit entries, without `approval.`. */
  readonly events: string[];
};

/** Everything an answer depends on. */
export class ApprovalModel {
  readonly approvals: ModelApproval[] = [];
  readonly switchesOn = new Set<Scope>();
  readonly revokedTokens = new Set<number>();
  token = 0;
  definition = 0;
  policy: HeldPolicy = 'approve';
  /** Who last chose the grant's policy. */
  editor: PersonName = 'owner';
  approvers: ReadonlySet<PersonName> = new Set<PersonName>(['member']);
  grant = 0;
  isGranted = true;
  readonly roles: Record<PersonName, Role> = {
    owner: 'owner',
    admin: 'admin',
    second_admin: 'admin',
    member: 'member',
    viewer: 'viewer',
  };

  /** A call without an approval. */
  request(executeOnApproval: boolean): string {
    const refused = this.#refusedAtTheDoor(this.token);
    if (refused !== undefined) return refused;
    this.approvals.push({
      policy: this.policy,
      definition: this.definition,
      token: this.token,
      grant: this.grant,
      // The owner owns the client and made its tokens.
      excluded: new Set(this.policy === 'approve-dual' ? ['owner', this.editor] : []),
      executeOnApproval,
      status: 'pending',
      timeOver: false,
      wasRefused: false,
      voters: [],
      events: ['requested'],
    });
    return 'pending_approval';
  }

  /** A vote. Answers the state it leads to, or the refusal's code. */
  decide(approval: ModelApproval, by: PersonName, decision: 'granted' | 'denied', rightHash: boolean): string {
    if (!this.#mayDecide(by)) return 'forbidden';
    if (this.#isExcluded(approval, by)) return 'self_approval';
    if (approval.voters.includes(by)) return 'duplicate_approver';
    if (approval.status === 'approved') return 'conflict';
    if (approval.status !== 'pending') return `approval_${approval.status}`;
    if (approval.timeOver) return 'approval_expired';
    if (!rightHash) return 'approval_hash_mismatch';
    approval.voters.push(by);
    approval.events.push(decision);
    const needed = approval.policy === 'approve-dual' ? 2 : 1;
    const counted = this.votes(approval);
    if (decision === 'denied') approval.status = 'denied';
    else if (counted.length >= needed) approval.status = 'approved';
    return approval.status;
  }

  /** The votes that count now: of people who may still decide. */
  votes(approval: ModelApproval): PersonName[] {
    return approval.voters.filter((voter) => this.#mayDecide(voter) && !this.#isExcluded(approval, voter));
  }

  /** Revokes the newest token: what was asked for with it and waits ends. */
  revokeToken(): void {
    this.revokedTokens.add(this.token);
    this.#withdraw(({ token }) => token === this.token);
  }

  /** Takes the grant back: what waits under it ends. */
  removeGrant(): void {
    this.isGranted = false;
    this.approvers = new Set();
    this.#withdraw(() => true);
  }

  /** The owner grants the tool again. */
  grantAnew(policy: HeldPolicy): void {
    this.isGranted = true;
    this.grant += 1;
    this.policy = policy;
    this.editor = 'owner';
  }

  #withdraw(isAbout: (approval: ModelApproval) => boolean): void {
    for (const approval of this.approvals) {
      if (approval.status !== 'pending' || approval.timeOver || !isAbout(approval)) continue;
      approval.status = 'cancelled';
      approval.events.push('cancelled');
    }
  }

  /** Owner, admins, and members whom the grant names now. */
  #mayDecide(person: PersonName): boolean {
    const role = this.roles[person];
    return role === 'owner' || role === 'admin' || (role === 'member' && this.approvers.has(person));
  }

  /** The requester takes the request back. */
  cancel(approval: ModelApproval, by: Sender): string {
    if (by === 'own' && this.revokedTokens.has(this.token)) return 'unauthenticated';
    if (by === 'other') return 'approval_not_found';
    if (approval.status === 'approved') return 'conflict';
    if (approval.status !== 'pending') return `approval_${approval.status}`;
    if (approval.timeOver) return 'approval_expired';
    approval.status = 'cancelled';
    approval.events.push('cancelled');
    return 'cancelled';
  }

  /** A call that names an approval, by its client with its newest token or by another client. */
  consume(approval: ModelApproval, by: Sender, rightPayload: boolean): string {
    const refused = by === 'own' ? this.#refusedAtTheDoor(this.token) : this.#stopped('other');
    if (refused !== undefined) return refused;
    if (by === 'other') return 'approval_not_found';
    return this.#consumeAs(approval, rightPayload);
  }

  /** What the gateway does by itself once an approval with `execute_on_approval` is granted. */
  executeApproved(approval: ModelApproval): string {
    const answer = this.#refusedAtTheDoor(approval.token) ?? this.#consumeAs(approval, true);
    if (answer !== 'executed') {
      // The call ends with its refusal, and the approval with the call.
      approval.status = 'cancelled';
      approval.events.push('cancelled');
      approval.wasRefused = true;
    }
    return answer;
  }

  /** What a sweep writes down. */
  expire(approval: ModelApproval): void {
    if (!approval.timeOver || !['pending', 'approved'].includes(approval.status)) return;
    approval.status = 'expired';
    approval.events.push('expired');
  }

  /** Whoever edits the policy while a dual approval waits under it has a hand in it too. */
  #isExcluded(approval: ModelApproval, person: PersonName): boolean {
    const isEditor = this.isGranted && approval.policy === 'approve-dual' && this.editor === person;
    return approval.excluded.has(person) || isEditor;
  }

  #consumeAs(approval: ModelApproval, rightPayload: boolean): string {
    const settled: Partial<Record<Status, string>> = {
      denied: 'approval_denied',
      cancelled: 'approval_cancelled',
      consumed: 'approval_consumed',
      expired: 'approval_expired',
    };
    const refused = settled[approval.status] ?? (approval.timeOver ? 'approval_expired' : undefined);
    if (refused !== undefined) return refused;
    if (approval.status === 'pending') return 'approval_pending';
    if (approval.definition !== this.definition || approval.grant !== this.grant) return 'definition_drift';
    if (!rightPayload || approval.policy !== this.policy) return 'approval_hash_mismatch';
    approval.status = 'consumed';
    approval.events.push('consumed');
    return 'executed';
  }

  #refusedAtTheDoor(token: number): string | undefined {
    if (this.revokedTokens.has(token)) return 'unauthenticated';
    return this.#stopped('own');
  }

  #stopped(by: Sender): string | undefined {
    const { switchesOn } = this;
    const on = switchesOn.has('workspace') || switchesOn.has('tool') || (by === 'own' && switchesOn.has('client'));
    if (on) return 'kill_switch';
    return by === 'own' && !this.isGranted ? 'not_granted' : undefined;
  }
}
