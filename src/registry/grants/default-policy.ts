import type { Effect, Policy } from '../../kernel/codes.ts';

/** Who must agree before a call of a tool with this effect, unless the grant says otherwise. */
export const DEFAULT_POLICY = {
  read: 'auto',
  draft: 'auto',
  write: 'approve',
  send: 'approve',
  publish: 'approve',
  charge: 'approve-dual',
  delete: 'approve-dual',
} as const satisfies Record<Effect, Policy>;

/** What an admin should know about a policy that is allowed all the same. */
export function warningsOf(effect: Effect, policy: Policy): string[] {
  if (policy !== 'auto' || DEFAULT_POLICY[effect] !== 'approve-dual') return [];
  return [`Calls with the effect ${effect} will run without anybody seeing them. The default is approve-dual.`];
}
