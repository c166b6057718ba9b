import { type ReactNode, useEffect, useState } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useNow } from '../../components/time.tsx';
import { OFFLINE, useOnline } from '../../live/online.ts';
import type { Reading } from '../../payload/read-to-end.tsx';
import { useAnnounce } from '../../shell/announce.tsx';
import { useKeys } from '../../shell/keyboard.tsx';
import { useHere } from '../../workspace.tsx';
import { DenyDialog } from './deny-dialog.tsx';
import { useKept } from './kept.ts';
import { NextLink } from './next.tsx';
import { obstacleOf, obstacleTitle } from './obstacle.ts';
import { verdictOf } from './outcome.tsx';
import type { SealState } from './seal.tsx';
import { type Decided, useDecision } from './use-decision.ts';

type Props = { approval: ApprovalDetail; seal: SealState; reading: Reading; blocked: boolean };

/** The second press must come within this time, or the first is forgotten. */
const ARMED_MS = 3_000;
/** It sticks to the bottom where that leaves room to read; on a low screen, or one zoomed in far, it stands at the end. */
const BAR =
  'z-30 grid gap-2 border-t-2 border-edge bg-sheet px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6 [@media(min-height:26.25rem)]:sticky [@media(min-height:26.25rem)]:bottom-0';

/**
 * Approve and deny, or why this person cannot; afterwards what came of it, in the same place, and the way to the next.
 * What is approved is the hash of the bytes that were on screen.
 */
export function DecisionBar({ approval, seal, reading, blocked }: Props): ReactNode {
  const { workspace, me } = useHere();
  const announce = useAnnounce();
  const online = useOnline();
  const now = useNow();
  const [armed, setArmed] = useState(false);
  const [denying, setDenying] = useState(false);
  const [reason, keepReason] = useKept(`${me.user.id}.${approval.id}`);

  const decision = useDecision(approval, (decided) => {
    if (decided.did === 'denied') {
      setDenying(false);
      keepReason('');
    }
    announce(sentenceOf(decided));
  });
  const { decided, problem } = decision;
  const isBusy = decision.state !== 'idle';

  useEffect(() => {
    if (!armed) return;
    const timer = setTimeout(() => setArmed(false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [armed]);

  const obstacle = obstacleOf(approval, now);
  const isOver = obstacle?.code === 'approval_expired';
  const open = approval.status === 'pending' && approval.may_decide && !isOver;
  const whyNot = !online
    ? OFFLINE
    : !reading.read
      ? 'Read the payload to its end first.'
      : blocked || seal.kind === 'mismatch'
        ? 'The bytes are not what they should be.'
        : seal.kind === 'checking'
          ? 'Hashing the bytes…'
          : null;
  const mayApprove = open && obstacle === null && whyNot === null && !isBusy;
  const payload_sha256 = seal.computed ?? approval.payload_sha256;
  const approve = (): void => {
    if (mayApprove && navigator.onLine) decision.send({ deed: 'granted', payload_sha256 });
  };
  const startDenying = (): void => {
    decision.forget();
    setDenying(true);
  };
  useKeys({
    a: () => {
      if (!open) return;
      if (obstacle !== null) return announce(`${obstacleTitle(obstacle)} ${obstacle.detail}`);
      if (!mayApprove) return announce(whyNot ?? 'Wait.');
      if (armed) approve();
      else announce('Press a again to approve.');
      setArmed(!armed);
    },
    d: !open ? undefined : online ? startDenying : () => announce(OFFLINE),
  });

  const bar = (): ReactNode => {
    if (decided !== null && decided.did !== 'withdrawn' && decided.status !== 'pending')
      return <After approval={approval} decided={decided} />;
    if (approval.status !== 'pending') return null;
    if (!open || obstacle !== null) {
      return (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          {obstacle === null ? (
            <p className="min-w-0 flex-1 basis-40 text-sm" data-why-not={approval.why_not}>
              {reasonNot(approval, workspace.role)}
            </p>
          ) : (
            <div
              className="min-w-0 flex-1 basis-40"
              data-why-not={isOver ? 'expired' : obstacle.code}
              data-obstacle={obstacle.code}
            >
              <Note tone="care" title={obstacleTitle(obstacle)}>
                {obstacle.detail}
              </Note>
            </div>
          )}
          {open && (
            <Button kind="no" className="min-h-11" disabled={isBusy || !online} onClick={startDenying}>
              Deny…
            </Button>
          )}
          {!isOver && approval.why_not === 'decided' && (
            <Button
              className="min-h-11"
              busy={isBusy}
              disabled={!online}
              onClick={() => decision.send({ deed: 'withdrawn', payload_sha256 })}
            >
              Withdraw signature
            </Button>
          )}
          {decided?.did === 'granted' && approval.why_not === 'decided' && <NextLink after={approval.id} focus />}
          {!online && <p className="w-full text-sm text-care">{OFFLINE}</p>}
        </div>
      );
    }
    return (
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-40 text-sm text-soft">
          <p id="why-not" className={online ? '' : 'font-semibold text-care'}>
            {armed ? (
              <strong className="text-ink">Press a again to approve.</strong>
            ) : (
              (whyNot ?? 'You approve exactly these bytes.')
            )}
          </p>
          {online && !reading.read && (
            <button
              type="button"
              data-read={reading.percent}
              onClick={reading.showUnseen}
              className="min-h-6 text-left font-semibold text-accent underline pointer-coarse:min-h-11"
            >
              {reading.percent} % was on screen: show the rest
            </button>
          )}
        </div>
        <div className="flex gap-3 max-sm:flex-1">
          <Button
            kind="no"
            className="min-h-11 max-sm:flex-1"
            disabled={isBusy || !online}
            aria-describedby="why-not"
            onClick={startDenying}
          >
            Deny…
          </Button>
          <Button
            kind="yes"
            className="min-h-11 min-w-32 max-sm:min-w-0 max-sm:flex-1"
            disabled={!mayApprove}
            busy={isBusy && !denying}
            aria-describedby="why-not"
            onClick={approve}
          >
            {approval.execute_on_approval && approval.votes + 1 >= approval.votes_needed
              ? 'Approve and run'
              : 'Approve'}
          </Button>
        </div>
      </div>
    );
  };

  const content = bar();
  return (
    <>
      {(content !== null || (!denying && problem !== null)) && (
        <footer data-decision-bar className={BAR}>
          {decision.state === 'asking' && (
            <p role="status" data-asking className="text-sm font-semibold text-care">
              No answer came. Asking the server what became of your decision…
            </p>
          )}
          {!denying && <ProblemNote problem={problem} />}
          {content}
        </footer>
      )}
      <DenyDialog
        open={denying}
        reason={reason}
        onReason={keepReason}
        busy={isBusy}
        problem={problem}
        closed={closedBecause(approval, isOver, online)}
        onClose={() => setDenying(false)}
        onDeny={(text) => decision.send({ deed: 'denied', reason: text, payload_sha256 })}
      />
    </>
  );
}

/** What came of the decision that was just made here, where the eye is, and the way on. */
function After({ approval, decided }: { approval: ApprovalDetail; decided: Decided }): ReactNode {
  const verdict = verdictOf(approval);
  const tone = verdict?.tone ?? 'act';
  return (
    <div data-decided={decided.did} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div role="status" className="min-w-0 flex-1 basis-52">
        <Note tone={tone} title={verdict?.title ?? sentenceOf(decided)} />
      </div>
      <NextLink after={approval.id} focus />
    </div>
  );
}

function sentenceOf({ did, status, votes, votes_needed }: Decided): string {
  if (did === 'withdrawn') return `Your signature is withdrawn. ${votes} of ${votes_needed}.`;
  if (status === 'pending') return `Signed. ${votes} of ${votes_needed}.`;
  return did === 'denied' ? 'Denied. Nothing is sent.' : 'Approved.';
}

/** Why a denial that is being written can no longer be made, or not now; null while it can. */
function closedBecause(approval: ApprovalDetail, isOver: boolean, online: boolean): string | null {
  const { status, decisions, may_decide, why_not } = approval;
  if (status === 'denied') {
    const by = decisions.findLast(({ decision }) => decision === 'denied');
    return `${by?.name ?? 'Somebody else'} denied it meanwhile${by?.reason ? `: “${by.reason}”` : ''}.`;
  }
  if (status === 'expired' || (status === 'pending' && isOver)) return 'The time is over: it expired meanwhile.';
  if (status === 'cancelled') return `It was cancelled meanwhile. ${approval.cancelled_because ?? ''}`.trim();
  if (status !== 'pending') {
    const by = decisions.findLast(({ decision }) => decision === 'granted');
    return `${by?.name ?? 'Somebody else'} approved it meanwhile.`;
  }
  if (!may_decide)
    return why_not === 'decided' ? 'You have signed it meanwhile.' : 'You may not decide this any longer.';
  return online ? null : OFFLINE;
}

function reasonNot({ why_not, votes, votes_needed }: ApprovalDetail, role: string): string {
  if (why_not === 'requester') return 'You asked for this or set it up, so somebody else decides.';
  if (why_not === 'decided')
    return `You have signed. ${votes} of ${votes_needed} signatures are there; another person adds the next.`;
  return `As ${role} you may read this. Owners, admins and members named by the grant decide.`;
}
