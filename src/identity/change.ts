import { isRefused, type Problem, problem } from '../kernel/codes.ts';
import { audit } from '../ledger/audit.ts';
import type { EventType } from '../ledger/events.ts';
import type { Verb } from './verb.ts';
import { lockConfiguration } from './workspaces/lock-configuration.ts';

/** One change of a workspace's configuration: what is read before and after it, what is written, what is told of it. */
export type Change<View> = {
  /** What is changed, as it is; read once before and once after. Undefined before is 404, undefined after is gone. */
  readonly read: () => Promise<View | undefined>;
  /**
   * Writes what is changed, on the condition that it still is as `before` says. Answers a problem, after which
   * nothing stays written, or `unchanged` when there was nothing to do.
   */
  readonly update: (before: View) => Promise<Problem | 'unchanged' | undefined>;
  readonly event: ChangeEvent<View>;
  /** What follows from the change, told by entries of its own behind this one's. */
  readonly follow?: (after: View | undefined, before: View) => Promise<unknown>;
};

/** The same for something that is not there yet. */
export type Making<View> = {
  readonly read: () => Promise<View | undefined>;
  readonly make: () => Promise<Problem | undefined>;
  readonly event: ChangeEvent<View>;
};

export type ChangeEvent<View> = {
  readonly type: EventType;
  readonly kind: string;
  readonly id: string;
  /** What came of it, in a word; left out, the second half of the type. */
  readonly outcome?: string;
  /** What entries say of the thing, before and after. Holds no secret, and nothing that merely moves with use. */
  readonly state?: (view: View) => unknown;
  readonly data?: (view: View) => Record<string, unknown>;
};

/**
 * Every configuration verb in its one order: the workspace's configuration lock, the state before, the conditional
 * write, the state after, the entry, all in the caller's transaction. Answers what is there now; undefined when it is
 * gone. What `update` has checked stays true until the transaction ends, because changes come one after the other.
 */
export async function change<View extends object>(ctx: Verb, steps: Change<View>): Promise<View | undefined | Problem> {
  await lockConfiguration(ctx.tx);
  const before = await steps.read();
  if (before === undefined) return NOT_FOUND;
  const said = await steps.update(before);
  if (said === 'unchanged') return before;
  if (isRefused(said)) return said;
  const after = await steps.read();
  await tell(ctx, steps.event, before, after);
  await steps.follow?.(after, before);
  return after;
}

/** {@link change} for something that stays there, so that there is always an answer. */
export async function edit<View extends object>(ctx: Verb, steps: Change<View>): Promise<View | Problem> {
  const answer = await change(ctx, steps);
  if (answer === undefined) throw new Error(`${steps.event.type} left nothing of ${steps.event.id}`);
  return answer;
}

/** {@link change} for something that is made. */
export async function make<View extends object>(ctx: Verb, steps: Making<View>): Promise<View | Problem> {
  await lockConfiguration(ctx.tx);
  const refused = await steps.make();
  if (isRefused(refused)) return refused;
  const after = await steps.read();
  if (after === undefined) throw new Error(`${steps.event.type} made nothing by the id ${steps.event.id}`);
  await tell(ctx, steps.event, null, after);
  return after;
}

const NOT_FOUND: Problem = problem('not_found');

async function tell<View>(
  { tx, actor }: Verb,
  { type, kind, id, outcome = type.split('.')[1]!, state, data }: ChangeEvent<View>,
  before: View | null,
  after: View | undefined,
): Promise<void> {
  const view = after ?? before!;
  await audit(tx, {
    event_type: type,
    actor,
    resource: { kind, id },
    outcome,
    ...(state && {
      before_state: before === null ? null : state(before),
      after_state: after === undefined ? null : state(after),
    }),
    ...(data && { data: data(view) }),
  });
}
