import { type InfiniteData, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ask } from '../../api/http.ts';
import type { ApprovalStatus, ApprovalView, Page } from '../../api/types.ts';
import type { LiveEvent } from '../../live/follow.ts';
import { useLiveEvents } from '../../live/live.tsx';
import { useSlug } from '../../workspace.tsx';

/** What else can be in the way of a call, by the first word of its events. */
const IN_THE_WAY = new Set(['kill_switch', 'tool', 'client', 'token', 'policy', 'grant', 'connector']);
const GATHER_MS = 400;

type Data = InfiniteData<Page<ApprovalView>>;

/**
 * Keeps a list of approvals true without moving it: rows that were decided change where they stand, those that can no
 * longer succeed say so, and new ones are counted until somebody asks to see them. Returns how many are new, and a way
 * to forget them.
 */
export function useLiveList(key: QueryKey, rows: readonly ApprovalView[], countsNew: boolean): [number, () => void] {
  const slug = useSlug();
  const queryClient = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (rowOf: (row: ApprovalView) => ApprovalView): void => {
    queryClient.setQueryData<Data>(
      key,
      (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(rowOf) })) },
    );
  };
  const lookForObstacles = async (): Promise<void> => {
    const path = '/v1/approvals?status=pending&sort=soonest&limit=100';
    const { items } = await ask<Page<ApprovalView>>(path, { workspace: slug });
    const now = new Map(items.map((item) => [item.id, item]));
    change((row) => {
      const { obstacle, may_decide } = now.get(row.id) ?? row;
      return { ...row, may_decide, ...(obstacle !== undefined && { obstacle }) };
    });
  };

  useLiveEvents((event) => {
    const { kind, id } = event.resource;
    if (IN_THE_WAY.has(event.event_type.split('.')[0] ?? '')) {
      clearTimeout(timer.current);
      // A failure here leaves what was read before; the server refuses in any case.
      timer.current = setTimeout(() => void lookForObstacles().catch(() => {}), GATHER_MS);
    }
    if (kind === 'execution') {
      const status = event.event_type.slice('execution.'.length);
      if (!(ENDS as readonly string[]).includes(status)) return;
      change((row) => (row.execution.id === id ? { ...row, execution: { ...row.execution, status } } : row));
    }
    if (kind !== 'approval') return;
    if (event.event_type === 'approval.requested') {
      if (countsNew && !rows.some((row) => row.id === id)) setFresh((before) => new Set(before).add(id));
      return;
    }
    setFresh((before) => (before.has(id) ? new Set([...before].filter((other) => other !== id)) : before));
    change((row) => (row.id === id ? after(row, event) : row));
  });
  // What a refetch has brought meanwhile is not new any more.
  const unseen = [...fresh].filter((id) => !rows.some((row) => row.id === id));
  return [unseen.length, () => setFresh(new Set())];
}

const ENDS = ['running', 'executed', 'failed', 'unknown', 'denied', 'cancelled'] as const;

function after(row: ApprovalView, event: LiveEvent): ApprovalView {
  const votes = event.data?.votes;
  return { ...row, status: statusAfter(event, row.status), ...(typeof votes === 'number' && { votes }) };
}

function statusAfter({ event_type, outcome }: LiveEvent, before: ApprovalStatus): ApprovalStatus {
  if (event_type === 'approval.granted' && (outcome === 'pending' || outcome === 'approved')) return outcome;
  const after = event_type.slice('approval.'.length);
  return (['denied', 'expired', 'consumed', 'cancelled'] as const).find((status) => status === after) ?? before;
}
