import { type ReactNode, useState } from 'react';
import type { ApprovalView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { useNow } from '../../components/time.tsx';
import { OFFLINE, useOnline } from '../../live/online.ts';
import { useAnnounce } from '../../shell/announce.tsx';
import { useHere } from '../../workspace.tsx';
import { DenyDialog } from './deny-dialog.tsx';
import { useKept } from './kept.ts';
import { type Denied, MANY_MAX, useDenyMany } from './use-deny-many.ts';

export type Selection = {
  readonly picked: ReadonlySet<string>;
  /** The picked ones that can still be denied. */
  readonly rows: readonly ApprovalView[];
  readonly all: readonly ApprovalView[];
  readonly canPick: (row: ApprovalView) => boolean;
  readonly pick: (id: string, picked: boolean) => void;
  readonly pickAll: (picked: boolean) => void;
};

/** Which rows are to be denied together. */
export function useSelection(rows: readonly ApprovalView[]): Selection {
  const now = useNow();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const canPick = (row: ApprovalView): boolean =>
    row.status === 'pending' && row.may_decide && Date.parse(row.expires_at) > now;
  const all = rows.filter(canPick);
  return {
    picked,
    rows: all.filter(({ id }) => picked.has(id)),
    all,
    canPick,
    pick: (id, isPicked) =>
      setPicked((before) => {
        const next = new Set(before);
        if (isPicked) next.add(id);
        else next.delete(id);
        return next;
      }),
    pickAll: (isPicked) => setPicked(new Set(isPicked ? all.slice(0, MANY_MAX).map(({ id }) => id) : [])),
  };
}

/** What can be done with the rows that are selected, and what came of it. */
export function DenyMany({ selection }: { selection: Selection }): ReactNode {
  const { me } = useHere();
  const announce = useAnnounce();
  const online = useOnline();
  const [denying, setDenying] = useState(false);
  const [reason, keepReason] = useKept(`${me.user.id}.many`);
  const [refused, setRefused] = useState<readonly Denied[]>([]);
  const deny = useDenyMany((answers) => {
    const failed = answers.filter(({ status }) => status !== 'denied');
    setRefused(failed);
    setDenying(false);
    keepReason('');
    selection.pickAll(false);
    announce(`${answers.length - failed.length} denied.${failed.length > 0 ? ` ${failed.length} could not be.` : ''}`);
  });
  const { rows, all, picked } = selection;
  const count = Math.min(rows.length, MANY_MAX);
  return (
    <>
      {picked.size > 0 && rows.length > 0 && (
        <div
          data-selected={rows.length}
          className="sticky top-0 z-10 flex flex-wrap items-center gap-2 border-b border-rule bg-accent-wash px-3 py-2"
        >
          <span className="min-w-0 flex-1 text-sm font-semibold">
            {rows.length} selected{rows.length > MANY_MAX && `; ${MANY_MAX} can be denied at once`}
          </span>
          {rows.length < all.length && (
            <Button kind="quiet" onClick={() => selection.pickAll(true)}>
              All shown
            </Button>
          )}
          <Button kind="quiet" onClick={() => selection.pickAll(false)}>
            None
          </Button>
          <Button
            kind="no"
            disabled={!online}
            onClick={() => {
              deny.reset();
              setDenying(true);
            }}
          >
            Deny {count}…
          </Button>
          {!online && <p className="w-full text-sm text-care">{OFFLINE}</p>}
        </div>
      )}
      {refused.length > 0 && (
        <div role="alert" data-refused={refused.length} className="border-b border-care bg-care-wash px-3 py-2 text-sm">
          <strong>{refused.length === 1 ? 'One was' : `${refused.length} were`} not denied:</strong>
          <ul className="list-disc pl-5">
            {refused.map(({ id, code, detail }) => (
              <li key={id} className="wrap-anywhere">
                {detail ?? code} <code className="font-mono text-xs">{id}</code>
              </li>
            ))}
          </ul>
          <Button kind="quiet" onClick={() => setRefused([])}>
            Hide this
          </Button>
        </div>
      )}
      <DenyDialog
        open={denying}
        count={Math.max(count, denying && count === 0 ? picked.size : count)}
        reason={reason}
        onReason={keepReason}
        busy={deny.isPending}
        problem={deny.error}
        closed={count === 0 ? 'All of them were decided or expired meanwhile.' : online ? null : OFFLINE}
        onClose={() => setDenying(false)}
        onDeny={(text) => deny.mutate({ rows: rows.slice(0, MANY_MAX), reason: text })}
      />
    </>
  );
}
