import { type InfiniteData, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalStatus, ApprovalView, Page } from '../../api/types.ts';
import type { LiveEvent } from '../../live/follow.ts';
import { useLiveEvents } from '../../live/live.tsx';

/**
 * Keeps a list of approvals true without moving it: rows that were decided change where they stand, and new ones
 * are counted until somebody asks to see them. Returns how many are new, and a way to forget them.
 */
export function useLiveList(key: QueryKey, rows: readonly ApprovalView[], countsNew: boolean): [number, () => void] {
  const queryClient = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useLiveEvents((event) => {
    if (event.resource.kind !== 'approval') return;
    const { id } = event.resource;
    if (event.event_type === 'approval.requested') {
      if (countsNew && !rows.some((row) => row.id === id)) setFresh((before) => new Set(before).add(id));
      return;
    }
    setFresh((before) => (before.has(id) ? new Set([...before].filter((other) => other !== id)) : before));
    queryClient.setQueryData<InfiniteData<Page<ApprovalView>>>(key, (data) => data && patched(data, id, event));
  });
  // What a refetch has brought meanwhile is not new any more.
  const unseen = [...fresh].filter((id) => !rows.some((row) => row.id === id));
  return [unseen.length, () => setFresh(new Set())];
}

function patched(
  data: InfiniteData<Page<ApprovalView>>,
  id: string,
  event: LiveEvent,
): InfiniteData<Page<ApprovalView>> {
  const change = (row: ApprovalView): ApprovalView => {
    if (row.id !== id) return row;
    const votes = event.data?.votes;
    return { ...row, status: statusAfter(event, row.status), ...(typeof votes === 'number' && { votes }) };
  };
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
}

function statusAfter({ event_type, outcome }: LiveEvent, before: ApprovalStatus): ApprovalStatus {
  if (event_type === 'approval.granted' && (outcome === 'pending' || outcome === 'approved')) return outcome;
  const after = event_type.slice('approval.'.length);
  return (['denied', 'expired', 'consumed', 'cancelled'] as const).find((status) => status === after) ?? before;
}
