import type { Effect } from '../../kernel/codes.ts';

const WORDS: readonly (readonly [Effect, RegExp])[] = [
  ['charge', /\b(?:charges?|payments?|pay|refunds?|payouts?|transfers?|invoices?|purchases?|orders?)\b/],
  ['publish', /\b(?:publish|releases?|broadcasts?)\b/],
  ['send', /\b(?:send|messages?|emails?|e-mails?|sms|calls?|notify|notifications?|invites?|invitations?|comments?)\b/],
];

/** What an operation does outside, as far as its method and words say it. For a person to look at, not to rely on. */
export function guessEffect(method: string, path: string, words: string): Effect {
  if (method === 'GET') return 'read';
  if (method === 'DELETE') return 'delete';
  const text = `${path} ${words}`
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_/{}.-]+/g, ' ')
    .toLowerCase();
  // Only what makes something new reaches somebody by being made.
  if (method === 'POST') for (const [effect, pattern] of WORDS) if (pattern.test(text)) return effect;
  return 'write';
}
