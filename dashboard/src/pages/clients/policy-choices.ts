import type { Policy } from '../../api/types.ts';

/** What each policy means to the person who chooses it. */
export const POLICY_CHOICES: readonly (readonly [Policy, string])[] = [
  ['auto', 'auto: runs at once'],
  ['approve', 'approve: one person agrees first'],
  ['approve-dual', 'approve-dual: two people agree first'],
];
