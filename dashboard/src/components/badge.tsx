import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

type Tone = 'neutral' | 'good' | 'bad' | 'care' | 'act';

const TONES: Readonly<Record<Tone, string>> = {
  neutral: 'text-soft',
  good: 'text-yes',
  bad: 'text-no',
  care: 'text-care',
  act: 'text-accent',
};

/** What each state is called on screen, how it is drawn, and its sign: never its colour alone. */
const STATES: Readonly<Record<string, readonly [string, Tone, IconName]>> = {
  pending: ['waiting', 'act', 'clock'],
  pending_approval: ['waiting', 'act', 'clock'],
  approved: ['approved', 'good', 'check'],
  granted: ['approved', 'good', 'check'],
  consumed: ['used', 'good', 'check'],
  denied: ['denied', 'bad', 'cross'],
  expired: ['expired', 'neutral', 'clock'],
  cancelled: ['cancelled', 'neutral', 'cross'],
  superseded: ['superseded', 'neutral', 'cross'],
  running: ['running', 'act', 'activity'],
  executed: ['executed', 'good', 'check'],
  failed: ['failed', 'bad', 'warn'],
  unknown: ['outcome unknown', 'care', 'warn'],
  active: ['active', 'good', 'check'],
  authorized: ['authorized', 'good', 'check'],
  revoked: ['revoked', 'neutral', 'cross'],
  archived: ['archived', 'neutral', 'cross'],
  on: ['on', 'bad', 'stop'],
  lifted: ['lifted', 'neutral', 'check'],
};

/** What a state is called on screen. */
export function stateWord(state: string): string {
  return STATES[state]?.[0] ?? state.replaceAll('_', ' ');
}

/** A state, stamped. */
export function Stamp({ state }: { state: string }): ReactNode {
  const [word, tone, icon] = STATES[state] ?? [state, 'neutral', 'more'];
  return (
    <span className={`stamp ${TONES[tone]}`}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  );
}

const EFFECT_TONES: Readonly<Record<string, Tone>> = { send: 'act', publish: 'care', charge: 'care', delete: 'bad' };

/** What a tool does outside. */
export function EffectBadge({ effect }: { effect: string | null }): ReactNode {
  if (effect === null) return <span className="text-soft">–</span>;
  return (
    <span
      className={`inline-block rounded-doc bg-well px-1.5 font-mono text-xs leading-6 font-semibold ${TONES[EFFECT_TONES[effect] ?? 'neutral']}`}
    >
      {effect}
    </span>
  );
}

const POLICY_WORDS: Readonly<Record<string, string>> = {
  auto: 'runs at once',
  approve: 'one approval',
  'approve-dual': 'two approvals',
};

/** How many people must agree, in words, with the policy's name to find it by. */
export function PolicyBadge({ policy }: { policy: string | null }): ReactNode {
  if (policy === null) return <span className="text-soft">–</span>;
  return <span title={`policy ${policy}`}>{POLICY_WORDS[policy] ?? policy}</span>;
}

/** A remark in a box: information, care, or refusal. */
export function Note({
  tone = 'act',
  title,
  children,
  alert = false,
}: {
  tone?: 'act' | 'care' | 'bad' | 'good';
  title?: string;
  children?: ReactNode;
  alert?: boolean;
}): ReactNode {
  const wash = {
    act: 'bg-accent-wash border-accent',
    care: 'bg-care-wash border-care',
    bad: 'bg-no-wash border-no',
    good: 'bg-yes-wash border-yes',
  }[tone];
  return (
    <div
      role={alert ? 'alert' : undefined}
      className={`flex gap-2.5 rounded-doc border-l-4 px-3 py-2 text-sm text-ink ${wash}`}
    >
      <span className={`mt-0.5 ${TONES[tone]}`}>
        <Icon name={tone === 'good' ? 'check' : 'warn'} size={16} />
      </span>
      <div className="min-w-0 break-words">
        {title && <strong className="block">{title}</strong>}
        {children}
      </div>
    </div>
  );
}
