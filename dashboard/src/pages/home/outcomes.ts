import type { HourOfCalls } from '../../api/overview.ts';

type Outcome = { readonly key: Exclude<keyof HourOfCalls, 'hour'>; readonly word: string; readonly color: string };

/** How a call can stand, in the order in which a bar is built; the colours are the theme's. */
export const OUTCOMES: readonly Outcome[] = [
  { key: 'executed', word: 'Executed', color: 'var(--yes)' },
  { key: 'held', word: 'Held', color: 'var(--accent)' },
  { key: 'refused', word: 'Refused', color: 'var(--no)' },
  { key: 'failed', word: 'Failed', color: 'var(--care)' },
  { key: 'unknown', word: 'Unknown', color: 'var(--edge)' },
];
