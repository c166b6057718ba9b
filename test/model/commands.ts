import fc from 'fast-check';
import { expect } from 'vitest';
import { PEOPLE, type PersonName } from '../support/people.ts';
import type { ApprovalModel, Approver, HeldPolicy, ModelApproval, Role, Scope, Sender } from './reference.ts';
import type { System } from './system.ts';

/** Everything that can happen to approvals. Each command asks the model first, and then the gate the same. */
type Command = fc.AsyncCommand<ApprovalModel, System>;

/** Acts are about one of the newest approvals. */
const NEWEST = 3;

abstract class OnApproval implements Command {
  readonly #pick: number;
  constructor(pick: number) {
    this.#pick = pick;
  }

  check({ approvals }: Readonly<ApprovalModel>): boolean {
    return approvals.length > 0;
  }

  async run(model: ApprovalModel, system: System): Promise<void> {
    const index = model.approvals.length - 1 - (this.#pick % model.approvals.length);
    const approval = model.approvals[index]!;
    await this.act(model, system, index, approval);
    await settle(model, system, index);
  }

  abstract act(model: ApprovalModel, system: System, index: number, approval: ModelApproval): Promise<void>;
  abstract toString(): string;
  protected get which(): string {
    return `newest approval but ${this.#pick}`;
  }
}

/** The state must be the model's; a sweep in the background may have been faster than the model's own. */
export async function settle(model: ApprovalModel, system: System, index: number): Promise<void> {
  const approval = model.approvals[index]!;
  const status = await system.status(index);
  if (status === 'expired') model.expire(approval);
  expect(status).toBe(approval.status);
}

/** What the cards of the newest approvals count must be what the model counts. */
async function expectVotes(model: ApprovalModel, system: System): Promise<void> {
  for (const [index, approval] of [...model.approvals.entries()].slice(-NEWEST)) {
    if (approval.status !== 'pending' || approval.timeOver) continue;
    expect(await system.votes(index)).toBe(model.votes(approval).length);
  }
}

async function settleAll(model: ApprovalModel, system: System): Promise<void> {
  for (const index of model.approvals.keys()) await settle(model, system, index);
}

class Request implements Command {
  readonly #auto: boolean;
  constructor(auto: boolean) {
    this.#auto = auto;
  }
  check = (): boolean => true;
  async run(model: ApprovalModel, system: System): Promise<void> {
    expect(await system.request(this.#auto)).toBe(model.request(this.#auto));
  }
  toString = (): string => `request(${this.#auto ? 'execute on approval' : ''})`;
}

class Decide extends OnApproval {
  readonly #by: PersonName;
  readonly #decision: 'granted' | 'denied';
  readonly #rightHash: boolean;
  constructor(pick: number, by: PersonName, decision: 'granted' | 'denied', rightHash: boolean) {
    super(pick);
    this.#by = by;
    this.#decision = decision;
    this.#rightHash = rightHash;
  }
  async act(model: ApprovalModel, system: System, index: number, approval: ModelApproval): Promise<void> {
    const wasOver = approval.timeOver && approval.status === 'approved';
    const expected = model.decide(approval, this.#by, this.#decision, this.#rightHash);
    const said = await system.decide(index, this.#by, this.#decision, this.#rightHash);
    // Granted and over: until a sweep has been there it counts as granted, which refuses a vote all the same.
    if (wasOver && expected === 'conflict') expect(['conflict', 'approval_expired']).toContain(said);
    else expect(said).toBe(expected);
    if (said === 'approved' && approval.executeOnApproval) {
      model.executeApproved(approval);
      await system.attempted(index);
    }
  }
  toString = (): string =>
    `decide(${this.which}, ${this.#by}, ${this.#decision}${this.#rightHash ? '' : ', other hash'})`;
}

class Cancel extends OnApproval {
  readonly #by: Sender;
  constructor(pick: number, by: Sender) {
    super(pick);
    this.#by = by;
  }
  async act(model: ApprovalModel, system: System, index: number, approval: ModelApproval): Promise<void> {
    const wasOver = approval.timeOver && approval.status === 'approved';
    const expected = model.cancel(approval, this.#by);
    const said = await system.cancel(index, this.#by);
    if (wasOver && expected === 'conflict') expect(['conflict', 'approval_expired']).toContain(said);
    else expect(said).toBe(expected);
  }
  toString = (): string => `cancel(${this.which}, ${this.#by})`;
}

class Consume extends OnApproval {
  readonly #by: Sender;
  readonly #rightPayload: boolean;
  constructor(pick: number, by: Sender, rightPayload: boolean) {
    super(pick);
    this.#by = by;
    this.#rightPayload = rightPayload;
  }
  async act(model: ApprovalModel, system: System, index: number, approval: ModelApproval): Promise<void> {
    const expected = model.consume(approval, this.#by, this.#rightPayload);
    expect(await system.consume(index, this.#by, this.#rightPayload)).toBe(expected);
  }
  toString = (): string => `consume(${this.which}, ${this.#by}${this.#rightPayload ? '' : ', other payload'})`;
}

class RunOut extends OnApproval {
  async act(_model: ApprovalModel, system: System, index: number, approval: ModelApproval): Promise<void> {
    await system.runOut(index);
    if (['pending', 'approved'].includes(approval.status)) approval.timeOver = true;
  }
  toString = (): string => `runOut(${this.which})`;
}

class Flip implements Command {
  readonly #scope: Scope;
  constructor(scope: Scope) {
    this.#scope = scope;
  }
  check = ({ switchesOn }: Readonly<ApprovalModel>): boolean => !switchesOn.has(this.#scope);
  async run({ switchesOn }: ApprovalModel, system: System): Promise<void> {
    switchesOn.add(this.#scope);
    await system.flip(this.#scope);
  }
  toString = (): string => `flip(${this.#scope})`;
}

class LiftAll implements Command {
  check = ({ switchesOn }: Readonly<ApprovalModel>): boolean => switchesOn.size > 0;
  async run({ switchesOn }: ApprovalModel, system: System): Promise<void> {
    for (const scope of switchesOn) await system.lift(scope);
    switchesOn.clear();
  }
  toString = (): string => 'liftAll()';
}

class EditTool implements Command {
  check = (): boolean => true;
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.definition += 1;
    await system.editTool(model.definition);
  }
  toString = (): string => 'editTool()';
}

class EditPolicy implements Command {
  readonly #policy: HeldPolicy;
  readonly #by: PersonName;
  constructor(policy: HeldPolicy, by: PersonName) {
    this.#policy = policy;
    this.#by = by;
  }
  check = ({ isGranted, roles }: Readonly<ApprovalModel>): boolean =>
    isGranted && ['owner', 'admin'].includes(roles[this.#by]);
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.policy = this.#policy;
    model.editor = this.#by;
    await system.editPolicy(this.#policy, this.#by);
  }
  toString = (): string => `editPolicy(${this.#policy}, ${this.#by})`;
}

class EditApprovers implements Command {
  readonly #approvers: readonly Approver[];
  constructor(approvers: readonly Approver[]) {
    this.#approvers = approvers;
  }
  check = ({ isGranted, roles }: Readonly<ApprovalModel>): boolean =>
    isGranted && this.#approvers.every((name) => roles[name] !== 'viewer');
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.approvers = new Set(this.#approvers);
    model.editor = 'owner';
    await system.editApprovers(this.#approvers);
    await expectVotes(model, system);
  }
  toString = (): string => `editApprovers(${this.#approvers.join(', ')})`;
}

class SetRole implements Command {
  readonly #role: Role;
  constructor(role: Role) {
    this.#role = role;
  }
  check = ({ roles }: Readonly<ApprovalModel>): boolean => roles.second_admin !== this.#role;
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.roles.second_admin = this.#role;
    await system.setRole('second_admin', this.#role);
    await expectVotes(model, system);
  }
  toString = (): string => `setRole(second_admin, ${this.#role})`;
}

class RemoveGrant implements Command {
  check = ({ isGranted }: Readonly<ApprovalModel>): boolean => isGranted;
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.removeGrant();
    await system.removeGrant();
    await settleAll(model, system);
  }
  toString = (): string => 'removeGrant()';
}

class GrantAnew implements Command {
  readonly #policy: HeldPolicy;
  constructor(policy: HeldPolicy) {
    this.#policy = policy;
  }
  check = ({ isGranted }: Readonly<ApprovalModel>): boolean => !isGranted;
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.grantAnew(this.#policy);
    await system.grantAnew(this.#policy);
  }
  toString = (): string => `grantAnew(${this.#policy})`;
}

class RevokeToken implements Command {
  check = ({ revokedTokens, token }: Readonly<ApprovalModel>): boolean => !revokedTokens.has(token);
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.revokeToken();
    await system.revokeToken();
    await settleAll(model, system);
  }
  toString = (): string => 'revokeToken()';
}

class NewToken implements Command {
  check = (): boolean => true;
  async run(model: ApprovalModel, system: System): Promise<void> {
    model.token += 1;
    await system.newToken();
  }
  toString = (): string => 'newToken()';
}

class Sweep implements Command {
  check = (): boolean => true;
  async run(model: ApprovalModel, system: System): Promise<void> {
    await system.sweep();
    for (const approval of model.approvals) model.expire(approval);
    await settleAll(model, system);
  }
  toString = (): string => 'sweep()';
}

const pick = fc.nat({ max: NEWEST - 1 });
const sender = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Sender>('own') },
  { weight: 1, arbitrary: fc.constant<Sender>('other') },
);
const mostly = fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const decision = fc.oneof(
  { weight: 5, arbitrary: fc.constant('granted' as const) },
  { weight: 1, arbitrary: fc.constant('denied' as const) },
);
const voter = fc.constantFrom<PersonName[]>(...PEOPLE, 'admin', 'admin', 'second_admin', 'second_admin', 'member');
const policy = fc.constantFrom<HeldPolicy[]>('approve', 'approve-dual');

/** Runs of commands. What makes approvals move comes often, what stops everything comes rarely and ends soon. */
export function approvalCommands(maxCommands: number): fc.Arbitrary<Iterable<Command>> {
  const request = fc.boolean().map((auto): Command => new Request(auto));
  const decide = fc.tuple(pick, voter, decision, mostly).map((args): Command => new Decide(...args));
  const consume = fc.tuple(pick, sender, mostly).map((args): Command => new Consume(...args));
  const happens: fc.Arbitrary<Command> = fc.oneof(
    fc.tuple(pick, sender).map((args) => new Cancel(...args)),
    pick.map((which) => new RunOut(which)),
    fc.constantFrom<Scope[]>('workspace', 'tool', 'client').map((scope) => new Flip(scope)),
    fc.constant(new EditTool()),
    fc.constant(new RevokeToken()),
    fc.constant(new RemoveGrant()),
    fc.constantFrom<Role[]>('member', 'viewer').map((role) => new SetRole(role)),
    fc.constant(new NewToken()),
    fc.constant(new Sweep()),
  );
  const editPolicy = fc
    .tuple(policy, fc.constantFrom<PersonName[]>('owner', 'second_admin'))
    .map((args): Command => new EditPolicy(...args));
  const editApprovers = fc
    .subarray<Approver>(['member', 'second_admin'])
    .map((approvers): Command => new EditApprovers(approvers));
  const recovers = fc.constantFrom<Command[]>(
    new LiftAll(),
    new NewToken(),
    new GrantAnew('approve'),
    new GrantAnew('approve-dual'),
    new SetRole('admin'),
  );
  const often = [request, request, decide, decide, decide, decide, decide, decide, consume, consume, consume];
  return fc.commands([...often, editPolicy, editApprovers, happens, happens, recovers, recovers, recovers], {
    maxCommands,
    size: 'max',
  });
}
