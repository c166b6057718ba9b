import { DEFAULT_POLICY, type Effect, type Policy } from '../../kernel/codes.ts';

/** What an admin should know about a policy that is allowed all the same. */
export function warningsOf(effect: Effect, policy: Policy): string[] {
  if (policy !== 'auto' || DEFAULT_POLICY[effect] !== 'approve-dual') return [];
  return [`Calls with the effect ${effect} will run without anybody seeing them. The default is approve-dual.`];
}
