import type { ReactNode } from 'react';
import type { ApprovalStatus, ExecutionStatus } from '../../../src/kernel/statuses.ts';
import { Icon, type IconName } from './icon.tsx';

type Tone = 'neutral' | 'good' | 'bad' | 'care' | 'act';

const TONES: Readonly<Record<Tone, string>> = {
  neutral: 'text-soft',
  good: 'text-yes',
  bad: 'text-no',
  care: 'text-care',
  act: 'text-accent',
};

type Look = readonly [word: string, tone: Tone, icon: IconName];

/** A tool call, by what the server records of it. */
const CALL: Readonly<Record<ExecutionStatus, Look>> = {
  pending_approval: ['Waiting', 'act', 'clock'],
  running: ['Running', 'act', 'activity'],
  executed: ['Executed', 'good', 'check'],
  failed: ['Failed', 'bad', 'warn'],
  denied: ['Refused', 'bad', 'cross'],
  unknown: ['Unknown', 'care', 'warn'],
  cancelled: ['Cancelled', 'neutral', 'cross'],
};

/** An approval until it is used; from then on it is called what its call is called. */
const APPROVAL: Readonly<Record<Exclude<ApprovalStatus, 'consumed'>, Look>> = {
  pending: ['Waiting', 'act', 'clock'],
  approved: ['Approved', 'good', 'check'],
  denied: ['Denied', 'bad', 'cross'],
  expired: ['Expired', 'neutral', 'clock'],
  cancelled: ['Cancelled', 'neutral', 'cross'],
  superseded: ['Superseded', 'neutral', 'cross'],
};

/** Everything else that has a state, and the server's own words for calls. */
const THINGS: Readonly<Record<string, Look>> = {
  waiting: CALL.pending_approval,
  refused: CALL.denied,
  granted: APPROVAL.approved,
  pending: APPROVAL.pending,
  approved: APPROVAL.approved,
  expired: APPROVAL.expired,
  superseded: APPROVAL.superseded,
  active: ['Active', 'good', 'check'],
  authorized: ['Authorized', 'good', 'check'],
  unauthorized: ['Not authorized', 'care', 'warn'],
  authorization_expired: ['Authorization expired', 'bad', 'clock'],
  authorization_ended: ['Authorization ended', 'bad', 'cross'],
  authorization_changed: ['To authorize again', 'care', 'warn'],
  revoked: ['Revoked', 'neutral', 'cross'],
  archived: ['Archived', 'neutral', 'cross'],
  accepted: ['Accepted', 'good', 'check'],
  quarantined: ['Quarantined', 'bad', 'stop'],
  changed: ['Changed', 'care', 'warn'],
  new: ['New', 'act', 'plus'],
  unusable: ['Not usable', 'neutral', 'cross'],
  on: ['On', 'bad', 'stop'],
  lifted: ['Lifted', 'neutral', 'check'],
  open: ['Open', 'act', 'clock'],
  published: ['Published', 'good', 'check'],
  discarded: ['Discarded', 'neutral', 'cross'],
  enabled: ['Enabled', 'good', 'check'],
  disabled: ['Disabled', 'neutral', 'cross'],
  delivered: ['Delivered', 'good', 'check'],
};

const STATES: Readonly<Record<string, Look>> = { ...THINGS, ...CALL };

/** The word for the state of a call or of a thing: the same wherever it is shown, in filters too. */
export function stateWord(state: string): string {
  return STATES[state]?.[0] ?? state.replaceAll('_', ' ');
}

/** The state of an approval, as it is told to people. */
type Approval = { readonly status: ApprovalStatus; readonly execution: { readonly status: string } };

function lookOf({ status, execution }: Approval): Look {
  const ofCall = CALL[execution.status as ExecutionStatus] ?? CALL.unknown;
  // Used, and no call of it is recorded yet: it is being made.
  if (status === 'consumed') return execution.status === 'pending_approval' ? CALL.running : ofCall;
  // Made already, though the approval says so only a moment later.
  if (status === 'approved' && execution.status !== 'pending_approval') return ofCall;
  // A refusal on the way to the call ends its approval too.
  if (status === 'cancelled' && execution.status === 'denied') return ofCall;
  return APPROVAL[status];
}

/** The word for an approval: its own until it is used, and then its call's. */
export function wordOfApproval(approval: Approval): string {
  return lookOf(approval)[0];
}

function Stamped({ look: [word, tone, icon] }: { look: Look }): ReactNode {
  return (
    <span className={`stamp ${TONES[tone]}`}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  );
}

/** The state of a call or of a thing, stamped. Never its colour alone. */
export function Stamp({ state }: { state: string }): ReactNode {
  return <Stamped look={STATES[state] ?? [state, 'neutral', 'more']} />;
}

/** The state of an approval, stamped. */
export function ApprovalStamp({ approval }: { approval: Approval }): ReactNode {
  return <Stamped look={lookOf(approval)} />;
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
