import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ask } from '../../api/http.ts';
import type { ApprovalDetail } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useNow } from '../../components/time.tsx';
import { useAnnounce } from '../../shell/announce.tsx';
import { useKeys } from '../../shell/keyboard.tsx';
import { useHere } from '../../workspace.tsx';
import { DenyDialog } from './deny-dialog.tsx';
import type { SealState } from './seal.tsx';

type Props = { approval: ApprovalDetail; seal: SealState; read: boolean; blocked: boolean };
type Decided = { readonly status: string; readonly votes: number; readonly votes_needed: number };

/** The second press must come within this time, or the first is forgotten. */
const ARMED_MS = 3_000;

/** Approve and deny, or why this person cannot. What is approved is the hash of the bytes that were on screen. */
export function DecisionBar({ approval, seal, read, blocked }: Props): ReactNode {
  const { workspace } = useHere();
  const announce = useAnnounce();
  const queryClient = useQueryClient();
  const [armed, setArmed] = useState(false);
  const [denying, setDenying] = useState(false);
  const isOver = Date.parse(approval.expires_at) <= useNow();

  const refresh = (): Promise<void> =>
    queryClient.invalidateQueries({
      queryKey: [workspace.slug, 'approvals'],
      predicate: ({ queryKey }) => queryKey[2] !== 'list',
    });

  const decide = useMutation({
    mutationFn: (reason: string | null) =>
      ask<Decided>(`/v1/approvals/${approval.id}/decisions`, {
        method: 'POST',
        workspace: workspace.slug,
        body: {
          decision: reason === null ? 'granted' : 'denied',
          ...(reason !== null && { reason }),
          payload_sha256: seal.computed ?? approval.payload_sha256,
        },
      }),
    onSuccess({ status, votes, votes_needed }) {
      setDenying(false);
      announce(status === 'pending' ? `Signed. ${votes} of ${votes_needed}.` : `The approval is ${status}.`);
    },
    onSettled: refresh,
  });

  const withdraw = useMutation({
    mutationFn: () =>
      ask<Decided>(`/v1/approvals/${approval.id}/decisions/mine`, { method: 'DELETE', workspace: workspace.slug }),
    onSuccess: ({ votes, votes_needed }) => announce(`Your signature is withdrawn. ${votes} of ${votes_needed}.`),
    onSettled: refresh,
  });

  useEffect(() => {
    if (!armed) return;
    const timer = setTimeout(() => setArmed(false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [armed]);

  const open = approval.status === 'pending' && approval.may_decide && !isOver;
  const why = !read
    ? 'Read the payload to its end first.'
    : blocked || seal.kind === 'mismatch'
      ? 'The bytes are not what they should be.'
      : seal.kind === 'checking'
        ? 'Hashing the bytes…'
        : null;
  const mayApprove = open && why === null && !decide.isPending;
  const approve = (): void => decide.mutate(null);
  useKeys({
    a: () => {
      if (!open) return;
      if (!mayApprove) return announce(why ?? 'Wait.');
      if (armed) approve();
      else announce('Press a again to approve.');
      setArmed(!armed);
    },
    d: open ? () => setDenying(true) : undefined,
  });

  if (approval.status !== 'pending') return null;
  return (
    <footer className="sticky bottom-0 z-30 grid gap-2 border-t-2 border-edge bg-sheet px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
      {!denying && <ProblemNote problem={decide.error ?? withdraw.error} />}
      {open ? (
        <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-40 text-sm text-soft" id="why-not">
            {armed ? (
              <strong className="text-ink">Press a again to approve.</strong>
            ) : (
              (why ?? 'You approve exactly these bytes.')
            )}
          </p>
          <div className="flex gap-3 max-sm:flex-1">
            <Button
              kind="no"
              className="min-h-11 max-sm:flex-1"
              disabled={decide.isPending}
              onClick={() => setDenying(true)}
            >
              Deny…
            </Button>
            <Button
              kind="yes"
              className="min-h-11 min-w-32 max-sm:flex-1"
              disabled={!mayApprove}
              busy={decide.isPending && !denying}
              aria-describedby="why-not"
              onClick={approve}
            >
              {approval.execute_on_approval && approval.votes + 1 >= approval.votes_needed
                ? 'Approve and run'
                : 'Approve'}
            </Button>
          </div>
        </div>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-40 text-sm" data-why-not={isOver ? 'expired' : approval.why_not}>
            {isOver
              ? 'The time is over. It can no longer be approved; the agent can ask again.'
              : reasonNot(approval, workspace.role)}
          </p>
          {!isOver && approval.why_not === 'decided' && (
            <Button className="min-h-11" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
              Withdraw signature
            </Button>
          )}
        </div>
      )}
      <DenyDialog
        open={denying && open}
        busy={decide.isPending}
        problem={decide.error}
        onClose={() => setDenying(false)}
        onDeny={(reason) => decide.mutate(reason)}
      />
    </footer>
  );
}

function reasonNot({ why_not, votes, votes_needed }: ApprovalDetail, role: string): string {
  if (why_not === 'requester') return 'You asked for this or set it up, so somebody else decides.';
  if (why_not === 'decided')
    return `You have signed. ${votes} of ${votes_needed} signatures are there; another person adds the next.`;
  return `As ${role} you may read this. Owners, admins and members named by the grant decide.`;
}
